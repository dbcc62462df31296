#include "common/events/memory_bus.h"

#include <algorithm>
#include <memory>
#include <optional>

namespace spm {
namespace {

// Answers once, when the last of several has answered; with the first error where there is one.
class Gather {
 public:
  Gather(size_t expected, std::function<void(Status)> done)
      : left_(expected), done_(std::move(done)) {}

  void Answer(const Status& status) {
    {
      std::lock_guard lock(mutex_);
      if (first_.ok()) first_ = status;
      if (--left_ > 0) return;
    }
    done_(first_);
  }

 private:
  std::mutex mutex_;
  size_t left_;
  Status first_;
  std::function<void(Status)> done_;
};

std::optional<uint32_t> Number(const std::string& text) {
  if (text.empty() || text.size() > 9) return std::nullopt;
  if (text.find_first_not_of("0123456789") != std::string::npos) return std::nullopt;
  return static_cast<uint32_t>(std::stoul(text));
}

// Sets one part of what SPM_TEST_BUS says; false where it is none.
bool Take(const std::string& key, const std::string& value, MemoryBus::Disorder* disorder) {
  const auto number = Number(value);
  if (value.empty()) return false;
  if (key == "seed" && number) {
    disorder->seed = *number;
  } else if (key == "duplicates" && number) {
    disorder->duplicates = static_cast<int>(*number);
  } else if (key == "poison") {
    const size_t slash = std::min(value.find('/'), value.size() - 1);
    const auto share = Number(value.substr(0, slash)), of = Number(value.substr(slash + 1));
    if (!share || !of || *of == 0) return false;
    disorder->poison.share = *share;
    disorder->poison.of = *of;
  } else if (key == "in") {
    disorder->poison.service = value;
  } else if (key == "type") {
    disorder->poison.type = value;
  } else if (key == "cure") {
    disorder->poison.cure = value;
  } else {
    return false;
  }
  return true;
}

}  // namespace

StatusOr<MemoryBus::Disorder> MemoryBus::ParseDisorder(const std::string& text) {
  Disorder disorder;
  size_t at = 0;
  while (at < text.size()) {
    const size_t end = std::min(text.find(',', at), text.size());
    const std::string part = text.substr(at, end - at);
    const size_t equal = std::min(part.find('='), part.size() - 1);
    if (!Take(part.substr(0, equal), part.substr(equal + 1), &disorder))
      return InvalidField(
          "SPM_TEST_BUS",
          "is seed=N,duplicates=N,poison=M/N,in=SERVICE,type=NAME,cure=FILE, not " + text);
    at = end + 1;
  }
  return disorder;
}

void MemoryBus::Subscribe(const std::string& source, const std::string&, Deliver deliver) {
  std::lock_guard lock(mutex_);
  consumers_.emplace(source, std::move(deliver));
}

// Order within an aggregate stays; everything else is up to the seed.
std::vector<Envelope> MemoryBus::Disordered(std::vector<Envelope> events) {
  std::lock_guard lock(mutex_);
  std::map<std::string, std::vector<Envelope>> aggregates;
  for (Envelope& e : events) {
    auto& of = aggregates[e.event.aggregate_id()];
    int times = 1;
    if (disorder_.duplicates > 0)
      times += static_cast<int>(random_() % (static_cast<uint64_t>(disorder_.duplicates) + 1));
    for (int i = 0; i < times; ++i) of.push_back(e);
    // Sometimes everything so far comes again.
    if (disorder_.duplicates > 0 && random_() % 8 == 0) {
      std::vector<Envelope> again = of;
      of.insert(of.end(), again.begin(), again.end());
    }
  }
  std::vector<std::pair<const std::string*, size_t>> heads;
  for (const auto& [id, of] : aggregates) heads.emplace_back(&id, 0);
  std::vector<Envelope> result;
  while (!heads.empty()) {
    size_t pick = random_() % heads.size();
    auto& [id, next] = heads[pick];
    auto& of = aggregates[*id];
    result.push_back(of[next++]);
    if (next == of.size()) {
      heads[pick] = heads.back();
      heads.pop_back();
    }
  }
  return result;
}

void MemoryBus::Publish(const std::string& source, std::vector<Envelope> events,
                        std::function<void(Status)> done) {
  std::vector<Deliver> consumers;
  {
    std::lock_guard lock(mutex_);
    auto [first, last] = consumers_.equal_range(source);
    for (auto c = first; c != last; ++c) consumers.push_back(c->second);
  }
  if (consumers.empty()) {
    done(OkStatus());
    return;
  }
  auto gather = std::make_shared<Gather>(consumers.size(), std::move(done));
  for (const Deliver& deliver : consumers)
    deliver(disorder_.seed == 0 ? events : Disordered(events),
            [gather](const Status& status) { gather->Answer(status); });
}

void MemoryBus::PublishValue(const std::string& key, const std::string& bytes) {
  std::lock_guard lock(values_mutex_);
  values_[key] = bytes;
  for (const auto& reader : readers_) reader(key, bytes);
}

void MemoryBus::SubscribeValues(std::function<void(const std::string&, const std::string&)> f) {
  std::lock_guard lock(values_mutex_);
  for (const auto& [key, bytes] : values_) f(key, bytes);
  readers_.push_back(std::move(f));
}

}  // namespace spm
