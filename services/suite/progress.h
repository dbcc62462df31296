// A bar for long work on a terminal; nothing where standard error is none. One thread.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>

namespace spm::suite {

class Progress {
 public:
  explicit Progress(bool enabled = true);
  ~Progress();

  // `total` 0 is unknown: no share is shown.
  void Start(const std::string& what, int64_t total);
  // Redraws at most ten times a second.
  void Update(int64_t done);
  // A text instead of the rate, for example what is waited for.
  void Say(const std::string& text);
  // Removes the bar.
  void Clear();

 private:
  void Draw(const std::string& text);

  bool shown_;
  bool drawn_ = false;
  std::string what_;
  int64_t total_ = 0;
  std::chrono::steady_clock::time_point start_;
  std::chrono::steady_clock::time_point last_;
};

}  // namespace spm::suite
