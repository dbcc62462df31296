#include "services/dashboard/static_files.h"

#include "common/base/embed.h"
#include "common/base/ids.h"
#include "common/base/status.h"
#include "common/http/errors.h"

namespace spm::dashboard {
namespace {

constexpr char kIndex[] = "index.html";

std::string SuffixOf(std::string_view name) {
  size_t slash = name.rfind('/');
  std::string_view last = slash == name.npos ? name : name.substr(slash + 1);
  size_t dot = last.rfind('.');
  return dot == last.npos ? "" : std::string(last.substr(dot + 1));
}

std::string TypeOf(std::string_view name) {
  static const std::map<std::string, std::string> kTypes = {
      {"html", "text/html; charset=utf-8"},
      {"js", "text/javascript; charset=utf-8"},
      {"css", "text/css; charset=utf-8"},
      {"svg", "image/svg+xml"},
      {"json", "application/json"},
      {"png", "image/png"},
      {"ico", "image/x-icon"},
      {"woff2", "font/woff2"},
      {"webmanifest", "application/manifest+json"},
      {"txt", "text/plain; charset=utf-8"}};
  auto it = kTypes.find(SuffixOf(name));
  return it == kTypes.end() ? "application/octet-stream" : it->second;
}

constexpr std::string_view kCompressed = ".gz";

bool TakesGzip(const HttpRequest& request) {
  const std::string* accepted = request.Header("Accept-Encoding");
  return accepted != nullptr && accepted->find("gzip") != std::string::npos;
}

}  // namespace

StaticFiles::StaticFiles(std::string_view folder, std::string prefix) : prefix_(std::move(prefix)) {
  for (const EmbeddedFile& file : EmbeddedFolder(folder)) {
    if (file.name.ends_with(kCompressed)) continue;
    // The build names the files in assets/ by a hash of what is in them.
    bool immutable = file.name.starts_with("assets/");
    std::string etag = "\"" + Hex(Sha256(file.text)).substr(0, 32) + "\"";
    files_.emplace(std::string(file.name),
                   File{file.text, {}, std::move(etag), TypeOf(file.name), immutable});
  }
  for (const EmbeddedFile& file : EmbeddedFolder(folder)) {
    if (!file.name.ends_with(kCompressed)) continue;
    auto plain =
        files_.find(std::string(file.name.substr(0, file.name.size() - kCompressed.size())));
    if (plain != files_.end()) plain->second.gzip = file.text;
  }
}

const StaticFiles::File* StaticFiles::Find(const std::string& path) const {
  if (!path.starts_with(prefix_)) return nullptr;
  std::string name = path.substr(prefix_.size());
  if (name.starts_with('/')) name.erase(0, 1);
  auto it = files_.find(name);
  if (it == files_.end() && SuffixOf(name).empty()) it = files_.find(kIndex);
  return it == files_.end() ? nullptr : &it->second;
}

HttpResponse StaticFiles::Get(const HttpRequest& request) const {
  const File* file = Find(request.path);
  if (file == nullptr) return ErrorResponse(NotFound("file", request.path));
  HttpResponse response;
  response.content_type = file->type;
  response.headers.emplace_back("ETag", file->etag);
  response.headers.emplace_back(
      "Cache-Control", file->immutable ? "public, max-age=31536000, immutable" : "no-cache");
  const std::string* known = request.Header("If-None-Match");
  if (known != nullptr && known->find(file->etag) != std::string::npos) {
    response.status = 304;
    return response;
  }
  if (!file->gzip.empty()) {
    response.headers.emplace_back("Vary", "Accept-Encoding");
    if (TakesGzip(request)) {
      response.headers.emplace_back("Content-Encoding", "gzip");
      response.body = std::string(file->gzip);
      return response;
    }
  }
  response.body = std::string(file->text);
  return response;
}

}  // namespace spm::dashboard
