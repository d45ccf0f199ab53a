// Names alone.

#include "tests/catch.hh"
#include "volume/attribute_class.hh"

using namespace slipway::volume;

TEST_CASE("attributes are sorted by what they need", "[volume]") {
    CHECK(class_of_attribute("user.a") == AttributeClass::Keep);
    CHECK(class_of_attribute("security.capability") == AttributeClass::Keep);
    CHECK(class_of_attribute("system.posix_acl_access") == AttributeClass::Keep);
    CHECK(class_of_attribute("security.selinux") == AttributeClass::Privileged);
    CHECK(class_of_attribute("security.capabilityx") == AttributeClass::Privileged);
    CHECK(class_of_attribute("trusted.overlay.opaque") == AttributeClass::Privileged);
    CHECK(class_of_attribute("trusted.SGI_ACL_DEFAULT") == AttributeClass::Shadow);
}
