#include "services/leads/rules/tags.h"

#include <algorithm>

namespace spm::leads {
namespace {

std::string Trimmed(const std::string& text) {
  const size_t first = text.find_first_not_of(' ');
  if (first == std::string::npos) return "";
  return text.substr(first, text.find_last_not_of(' ') - first + 1);
}

bool Contains(const std::vector<std::string>& words, const std::string& word) {
  return std::find(words.begin(), words.end(), word) != words.end();
}

}  // namespace

StatusOr<std::vector<std::string>> ChangeTags(const std::vector<std::string>& tags,
                                              const std::vector<std::string>& add,
                                              const std::vector<std::string>& remove,
                                              const std::string& field) {
  std::vector<std::string> gone, result;
  for (const std::string& tag : remove) gone.push_back(Trimmed(tag));
  for (const std::string& tag : tags)
    if (!Contains(gone, tag) && !Contains(result, tag)) result.push_back(tag);
  for (const std::string& text : add) {
    const std::string tag = Trimmed(text);
    if (tag.empty()) return InvalidField(field, "a tag is empty; write a word or leave it out");
    if (!Contains(gone, tag) && !Contains(result, tag)) result.push_back(tag);
  }
  if (result.size() > kMostTags)
    return InvalidField(
        field, "a customer has at most " + std::to_string(kMostTags) + " tags; remove some first");
  return result;
}

}  // namespace spm::leads
