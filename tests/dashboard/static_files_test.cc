#include "services/dashboard/static_files.h"

#include <gtest/gtest.h>

#include "common/base/embed.h"

namespace spm::dashboard {
namespace {

const StaticFiles& Page() {
  static const StaticFiles* page = [] {
    RegisterEmbedded("test page", {"index.html", "<html>"});
    RegisterEmbedded("test page", {"assets/app-1a2b.js", "go()"});
    RegisterEmbedded("test page", {"assets/app-1a2b.js.gz", "smaller"});
    RegisterEmbedded("test page", {"favicon.svg", "<svg>"});
    return new StaticFiles("test page", "/");
  }();
  return *page;
}

HttpResponse Get(const std::string& path, const HttpFields& headers = {}) {
  HttpRequest request;
  request.path = path;
  request.headers = headers;
  return Page().Get(request);
}

std::string HeaderOf(const HttpResponse& response, const std::string& name) {
  for (const auto& [key, value] : response.headers)
    if (key == name) return value;
  return "";
}

TEST(StaticFiles, PathsOfThePageGiveThePage) {
  for (const char* path : {"/", "/index.html", "/team", "/deep/link"}) {
    EXPECT_EQ(Get(path).body, "<html>") << path;
    EXPECT_EQ(Get(path).content_type, "text/html; charset=utf-8") << path;
    EXPECT_EQ(HeaderOf(Get(path), "Cache-Control"), "no-cache") << path;
  }
}

TEST(StaticFiles, WhatIsNotThereIsNotFound) {
  for (const char* path :
       {"/assets/old.js", "/x.png", "/../etc/passwd.txt", "/assets/..%2Findex.html"})
    EXPECT_EQ(Get(path).status, 404) << path;
}

TEST(StaticFiles, NamedByTheirHashAreKeptForEverAndOthersAskAgain) {
  EXPECT_EQ(HeaderOf(Get("/assets/app-1a2b.js"), "Cache-Control"),
            "public, max-age=31536000, immutable");
  HttpResponse first = Get("/favicon.svg");
  EXPECT_EQ(first.content_type, "image/svg+xml");
  HttpResponse again = Get("/favicon.svg", {{"if-none-match", HeaderOf(first, "ETag")}});
  EXPECT_EQ(again.status, 304);
  EXPECT_EQ(again.body, "");
  EXPECT_EQ(Get("/favicon.svg", {{"If-None-Match", "\"other\""}}).status, 200);
}

TEST(StaticFiles, CompressedForWhoTakesIt) {
  const HttpFields gzip = {{"Accept-Encoding", "gzip, deflate, br"}};
  HttpResponse small = Get("/assets/app-1a2b.js", gzip);
  EXPECT_EQ(small.body, "smaller");
  EXPECT_EQ(HeaderOf(small, "Content-Encoding"), "gzip");
  EXPECT_EQ(HeaderOf(small, "Vary"), "Accept-Encoding");
  EXPECT_EQ(small.content_type, "text/javascript; charset=utf-8");
  HttpResponse plain = Get("/assets/app-1a2b.js");
  EXPECT_EQ(plain.body, "go()");
  EXPECT_EQ(HeaderOf(plain, "Content-Encoding"), "");
  EXPECT_EQ(HeaderOf(plain, "Vary"), "Accept-Encoding");
  EXPECT_EQ(Get("/favicon.svg", gzip).body, "<svg>");
  EXPECT_EQ(Get("/assets/app-1a2b.js.gz", gzip).status, 404);
}

}  // namespace
}  // namespace spm::dashboard
