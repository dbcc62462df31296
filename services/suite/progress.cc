#include "services/suite/progress.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>

#include "services/suite/output.h"

namespace spm::suite {
namespace {

using std::chrono::steady_clock;

constexpr auto kEvery = std::chrono::milliseconds(100);
constexpr int kWidth = 24;

}  // namespace

Progress::Progress(bool enabled) : shown_(enabled && isatty(STDERR_FILENO) != 0) {}

Progress::~Progress() { Clear(); }

void Progress::Start(const std::string& what, int64_t total) {
  what_ = what;
  total_ = total;
  start_ = steady_clock::now();
  last_ = {};
  Update(0);
}

void Progress::Update(int64_t done) {
  const auto now = steady_clock::now();
  if (!shown_ || now - last_ < kEvery) return;
  last_ = now;
  const double seconds = std::chrono::duration<double>(now - start_).count();
  const std::string rate =
      seconds > 0.2 ? Grouped(static_cast<int64_t>(static_cast<double>(done) / seconds)) + " rows/s"
                    : "";
  if (total_ <= 0) return Draw(fmt::format("{:<14} {:>10}  {}", what_, Grouped(done), rate));
  const double share = std::min(1.0, static_cast<double>(done) / static_cast<double>(total_));
  const int full = static_cast<int>(share * kWidth);
  std::string bar;
  for (int i = 0; i < kWidth; ++i) bar += i < full ? "█" : "░";
  Draw(
      fmt::format("{:<14} {} {:>3.0f}%  {:>10}  {}", what_, bar, share * 100, Grouped(done), rate));
}

void Progress::Say(const std::string& text) {
  const auto now = steady_clock::now();
  if (!shown_ || now - last_ < kEvery) return;
  last_ = now;
  const double seconds = std::chrono::duration<double>(now - start_).count();
  Draw(fmt::format("{:<14} {}  {:.0f} s", what_, text, seconds));
}

void Progress::Draw(const std::string& text) {
  std::fputs(("\r\x1b[K" + text).c_str(), stderr);
  std::fflush(stderr);
  drawn_ = true;
}

void Progress::Clear() {
  if (!drawn_) return;
  std::fputs("\r\x1b[K", stderr);
  std::fflush(stderr);
  drawn_ = false;
}

}  // namespace spm::suite
