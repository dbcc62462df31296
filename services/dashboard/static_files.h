// Files of the page, out of the binary. Immutable once built; any thread may read.
#pragma once

#include <map>
#include <string>
#include <string_view>

#include "common/http/message.h"

namespace spm::dashboard {

class StaticFiles {
 public:
  // The files of an embedded folder (common/base/embed.h), served under `prefix`: "/" or "/api".
  StaticFiles(std::string_view folder, std::string prefix);

  // Whether an answer exists: a file, or the page itself for a path of its own without a suffix.
  bool Has(const std::string& path) const { return Find(path) != nullptr; }
  // 304 where the client has it already.
  HttpResponse Get(const HttpRequest& request) const;
  bool empty() const { return files_.empty(); }

 private:
  struct File {
    std::string_view text;
    // The same compressed, where the build made it.
    std::string_view gzip;
    std::string etag;
    std::string type;
    bool immutable = false;
  };
  const File* Find(const std::string& path) const;

  std::string prefix_;
  std::map<std::string, File> files_;
};

}  // namespace spm::dashboard
