// Dispatch brings a source's events to the consumers of one service: each once, in version order
// for each aggregate, for ever. What fails by its own fault is held and its partition goes on; what
// an infrastructure fault stops is offered again. Works in the service's lane; thread-safe.
#pragma once

#include <array>
#include <atomic>
#include <deque>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "common/events/bus.h"
#include "common/write/journal.h"
#include "common/write/lane.h"

namespace spm {

// What a service does with the events of one source.
struct Consumer {
  std::string source;
  // By full name of the payload; others are passed over.
  std::map<std::string, std::function<Status(Tx&, const base::v1::Event&, const Call&)>> types;
  // Takes all events of a span in one call instead.
  std::function<Status(Tx&, const std::vector<base::v1::Event>&, const Call&)> span;
};

// An event that is held, before all others of its aggregate.
struct HeldFirst {
  std::string source;
  base::v1::Event event;
  std::string error;
};

class Dispatch {
 public:
  using Done = std::function<void(Status)>;
  // The owner's journal, to fill gaps: events of an aggregate from a version on.
  using ReadOwner = std::function<StatusOr<std::vector<base::v1::Event>>(
      const std::string& aggregate_id, int64_t from_version)>;

  Dispatch(std::string service, Consumer consumer, Lane& lane, ReadOwner read_owner);

  void Deliver(std::vector<Envelope> events, const Done& done);
  // Runs the held events of an aggregate (of all where it is empty) in order until one fails;
  // number of those applied.
  StatusOr<int64_t> Replay(const std::string& aggregate_id);
  // Drops the first held event of an aggregate and moves the mark over it; the caller then replays
  // the rest. Nothing where none is held, or where a version is named and another one is first.
  StatusOr<std::optional<HeldFirst>> DiscardFirst(Tx& tx, const std::string& aggregate_id,
                                                  int64_t version);

  const std::string& source() const { return consumer_.source; }
  // Times of the newest event applied, in microseconds; 0 where none was.
  int64_t recorded_us() const { return recorded_us_.load(); }
  int64_t occurred_us() const { return occurred_us_.load(); }
  void NoteApplied(int64_t recorded_us, int64_t occurred_us);

 private:
  using Events = std::vector<base::v1::Event>;
  struct Standing;
  Status Apply(Tx& tx, const Call& call, Events events);
  void FillThenAlone(const std::shared_ptr<Events>& events, const Done& done);
  void DeliverAlone(const std::shared_ptr<Events>& events, size_t n, const Done& done);
  void HoldAlone(const std::shared_ptr<Events>& events, size_t n, const Status& why,
                 const Done& done);
  void Died(const base::v1::Event& event, const std::string& error);
  void LogApplied(const base::v1::Event& event) const;
  Status Fill(Tx& tx, std::map<std::string, Standing>* standings, Events* events);
  Status RunOne(Tx& tx, const Call& call, int n, const base::v1::Event& event);
  StatusOr<std::map<std::string, Standing>> Load(Tx& tx, const Events& events);
  bool Paused(int part);
  void CountDead(int part);
  StatusOr<bool> ReplayFirst(const std::string& id, int64_t* applied);

  std::string service_;
  Consumer consumer_;
  Lane& lane_;
  ReadOwner read_owner_;
  std::atomic<int64_t> recorded_us_{0};
  std::atomic<int64_t> occurred_us_{0};
  std::mutex mutex_;
  // When events of a part died lately, in microseconds of the steady clock.
  std::array<std::deque<int64_t>, kOutboxParts> dead_;
  std::array<int64_t, kOutboxParts> paused_until_us_{};
};

}  // namespace spm
