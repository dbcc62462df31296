// One form for a phone however it is written, so that duplicates meet (L11). Pure.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace spm::leads {

// The same line has one form: +<country><number>, and x<extension> where there is one. Spaces,
// hyphens, dots, slashes, brackets and full-width characters do not matter; 00 is the same as +; a
// number without a country gets `country`, and loses the 0 that is dialled within it. Empty stays
// empty; nullopt where the text is no phone.
std::optional<std::string> NormalPhone(std::string_view text, const std::string& country);

// Calling code of the country that a zone of the IANA database is in: "Asia/Shanghai" is 86. Zones
// that are not known here are taken for China's.
std::string CountryOfZone(const std::string& zone);

}  // namespace spm::leads
