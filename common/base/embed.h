// Files that the build puts into the binary: SQL schemas and the page.
// Filled before main starts and never changed after; any thread may read.
#pragma once

#include <string_view>
#include <vector>

namespace spm {

struct EmbeddedFile {
  std::string_view name;  // relative to its folder: "0001_core.sql", "assets/index.js"
  std::string_view text;
};

// The files of a folder ("common/write", "services/leads/schema", "web"), sorted by name; empty if
// there are none.
const std::vector<EmbeddedFile>& EmbeddedFolder(std::string_view folder);

// For the sources that cmake/write_embed.cmake generates, in order of names.
void RegisterEmbedded(std::string_view folder, EmbeddedFile file);

}  // namespace spm
