// From a command line to the request of a job. Names and URLs go on as they were given: the keeper
// settles them before it fetches or opens anything.

#pragma once

#include <string>

#include "cli/parse.hh"
#include "transfer/request.hh"

namespace slipway::cli {

/// pull-tar URL [NAME], pull-raw URL [NAME]
transfer::Request pull_request(transfer::Verb verb, const Invocation& asked);
/// verify FILE|URL|NAME: without a URL for a NAME, which has no slash and is no file here.
/// @throws Error InvalidArgument
transfer::Request verify_request(const Invocation& asked);
/// import-tar FILE|- [NAME], import-raw FILE|- [NAME]; without a path for "-", and for a file whose
/// name is not UTF-8, which no request can carry: what is to be read then has to be passed as a
/// descriptor.
/// @throws Error InvalidArgument: no NAME where the file gives none
transfer::Request import_request(transfer::Verb verb, const Invocation& asked);
/// import-fs DIR [NAME]; without a path for a DIR whose name is not UTF-8, as import-tar.
/// @throws Error InvalidArgument: no NAME where the directory gives none
transfer::Request import_fs_request(const Invocation& asked);
/// set-limit [NAME] BYTES; "-", "none" and "infinity" are without limit.
/// @throws Error InvalidArgument: no size
transfer::Request limit_request(const Invocation& asked);
/// clean
transfer::Request clean_request(const Options& options);
/// What image-status asks of a keeper.
/// @param verb  Inspect or InspectDisk
transfer::Request inspect_request(const Options& options, transfer::Verb verb,
                                  const std::string& name);
/// clone SOURCE NAME, rename NAME NEW
transfer::Request rename_request(transfer::Verb verb, const Invocation& asked);
/// read-only NAME [BOOL]
/// @throws Error InvalidArgument: it is neither yes nor no
transfer::Request mark_request(const Invocation& asked);
/// export-tar NAME [FILE|-], export-raw NAME [FILE|-]: packed as --format or the end of FILE says.
/// @throws Error InvalidArgument: a level that the format does not have
transfer::Request export_request(transfer::Verb verb, const Invocation& asked);
/// remove NAME, one of several
transfer::Request remove_request(const Options& options, const std::string& name);

} // namespace slipway::cli
