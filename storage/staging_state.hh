// What a Staging holds. storage/staging.cc makes it, storage/staging_root.cc what lies in the pool,
// storage/staging_siblings.cc what goes with it; storage/commit.cc ends it.

#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include <time.h>

#include "base/fd.hh"
#include "storage/job_place.hh"
#include "storage/lock.hh"
#include "storage/sibling.hh"
#include "storage/staging.hh"
#include "storage/target.hh"

namespace slipway::storage {

struct Staging::State {
    State(const Pool& the_pool, StagingSpec the_spec);
    ~State() { place.settle(); } // while the locks of the images are still held
    State(const State&) = delete;
    State& operator=(const State&) = delete;

    std::optional<ImageLock>& lock_of(const std::string& file_name);
    /// The image to be replaced, locked as it is now; nothing when the name is free.
    /// @throws Error Exists, Busy, Denied
    std::optional<Target> claim_target();

    volume::FileSystem file_system() const {
        return volume::file_system_of(root.get(), pool.path());
    }
    std::string space() const { return volume::space_text(file_system(), pool.path()); }
    int add_sibling(Sibling kind);
    void drop_sibling(Sibling kind) noexcept;
    std::vector<std::string> carry_siblings(const Pool& from, const Image& image,
                                            const std::stop_token& stop);
    bool has_data_to_sync() const noexcept { return spec.snapshot_of < 0 || spec.changes; }

    // The steps of commit().
    void store(const Provenance& provenance);
    void store_times();
    void mark();
    void sync();
    void publish();
    void finish();

    const Pool& pool;
    StagingSpec spec;
    std::string entry; ///< what becomes of it: NAME, or NAME.raw
    std::vector<std::string> notes;
    JobPlace place;
    std::optional<ImageLock> source_lock;
    NameLock name_lock;
    std::optional<ImageLock> image_lock;    ///< of NAME, and of the inode it leads to
    std::optional<ImageLock> raw_lock;      ///< the same of NAME.raw: for a disk, or to replace one
    std::optional<ImageLock> suffixed_lock; ///< the same of NAME.sysext and the like, to replace it
    std::string locked;                     ///< identity of the image that the locks are for
    ImageType type = ImageType::Directory;
    bool holds_origin = false; ///< else notes has told that it may be lost
    Fd root;
    Fd living; ///< holds the lock by which a sweep knows us even without our lock file
    std::map<Sibling, Fd> siblings;
    std::set<Sibling> carried;        ///< of these: copies, which have their mode already
    std::vector<NamedFile> settings;  ///< copies elsewhere, by the whole path that they get
    std::set<Sibling> kept;           ///< of these: those that give way to a file that stands there
    std::optional<timespec> modified; ///< of a disk
    std::optional<std::int64_t> created_us; ///< the same, when it is not `modified`

private:
    void check_way_out(const Target& target) const;
    void make_root();
    void make_tree();
    void make_disk();
    void probe_aside();
    void probe_renames(int directory);
    void probe_root();
    void carry_file(int from, Sibling kind, const std::stop_token& stop);
    void carry_settings(const NamedFile& file, const std::stop_token& stop);
    std::optional<NamedFile> standing_sibling(Sibling kind) const;
    Plan make_plan(const std::optional<Target>& target) const;
    void plan_siblings(Plan& plan, const std::optional<Target>& target) const;
    bool try_to_publish();
};

} // namespace slipway::storage
