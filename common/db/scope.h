// Which rows a reader may see: those of the owners that its place in the organisation covers,
// today. A value.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <unordered_set>

namespace spm {

class Scope {
 public:
  // Everything: consumers, timers, jobs, the local operator, executives.
  static Scope Service() { return Scope(); }
  static Scope Company() { return Scope(); }
  // `visible` holds the person's own id and those of everybody below, as of `today`.
  static Scope Of(std::string viewer, int32_t today,
                  std::shared_ptr<const std::unordered_set<std::string>> visible) {
    Scope scope;
    scope.all_ = false;
    scope.viewer_ = std::move(viewer);
    scope.today_ = today;
    scope.visible_ = std::move(visible);
    return scope;
  }

  bool all() const { return all_; }
  const std::string& viewer() const { return viewer_; }
  int32_t today() const { return today_; }
  bool Sees(const std::string& owner) const { return all_ || visible_->contains(owner); }

  // What a reader may look at is more than what it may change: customers of nobody, and those with
  // a deal in scope. A handler that only refers to a row loads it with this.
  Scope Reading() const {
    Scope scope = *this;
    scope.reading_ = true;
    return scope;
  }
  bool reading() const { return reading_; }

 private:
  bool all_ = true;
  bool reading_ = false;
  int32_t today_ = 0;
  std::string viewer_;
  std::shared_ptr<const std::unordered_set<std::string>> visible_;
};

}  // namespace spm
