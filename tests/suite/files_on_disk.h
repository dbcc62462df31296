// A mapping and its CSV files in a folder of the test, opened as an import opens them.
#pragma once

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <map>
#include <string>

#include "services/suite/import/importer.h"

namespace spm::suite {

class FilesOnDisk {
 public:
  FilesOnDisk() {
    static int n = 0;
    folder_ = std::filesystem::path(testing::TempDir()) /
              ("suite_test_" + std::to_string(getpid()) + "_" + std::to_string(++n));
    std::filesystem::create_directories(folder_);
  }
  ~FilesOnDisk() { std::filesystem::remove_all(folder_); }

  void Write(const std::string& name, const std::string& text) {
    std::ofstream(folder_ / name, std::ios::binary) << text;
  }
  std::string folder() const { return folder_.string(); }

  StatusOr<ImportInput> Open(const std::string& mapping,
                             const std::map<std::string, std::string>& files) {
    Write("mapping.yaml", mapping);
    for (const auto& [name, text] : files) Write(name, text);
    return OpenImport((folder_ / "mapping.yaml").string(), folder_.string());
  }

 private:
  std::filesystem::path folder_;
};

}  // namespace spm::suite
