// A folder for one test.
#pragma once

#include <filesystem>
#include <string>

#include "common/base/ids.h"

namespace spm::testing {

// A folder that goes with its owner.
class TempFolder {
 public:
  TempFolder() {
    std::string path = std::filesystem::temp_directory_path() / ("spm-test-" + RandomUuid());
    std::filesystem::create_directories(path);
    path_ = path;
  }
  ~TempFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

}  // namespace spm::testing
