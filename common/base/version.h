// The version of this build.
#pragma once

namespace spm {

inline constexpr char kVersion[] = "0.1.0";

}  // namespace spm
