// xattr(7): the name spaces and who may write them.

#include "volume/attribute_class.hh"

namespace slipway::volume {

AttributeClass class_of_attribute(std::string_view name) noexcept {
    if (name.starts_with("trusted.SGI_ACL_")) {
        return AttributeClass::Shadow;
    }
    if (name == "security.capability") {
        return AttributeClass::Keep;
    }
    return name.starts_with("trusted.") || name.starts_with("security.")
               ? AttributeClass::Privileged
               : AttributeClass::Keep;
}

} // namespace slipway::volume
