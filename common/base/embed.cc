#include "common/base/embed.h"

#include <map>

namespace spm {
namespace {

// A function's static, since the generated sources register while statics of other files are being
// made.
std::map<std::string_view, std::vector<EmbeddedFile>>& Folders() {
  static auto* folders = new std::map<std::string_view, std::vector<EmbeddedFile>>;
  return *folders;
}

}  // namespace

const std::vector<EmbeddedFile>& EmbeddedFolder(std::string_view folder) {
  static const std::vector<EmbeddedFile> kNone;
  const auto found = Folders().find(folder);
  return found == Folders().end() ? kNone : found->second;
}

void RegisterEmbedded(std::string_view folder, EmbeddedFile file) {
  Folders()[folder].push_back(file);
}

}  // namespace spm
