// What an owner needs to say what a candidate of a policy would make of the data of now, and how it
// counts that. A question is a value for one thread; Effect counts in one thread.
#pragma once

#include <cstdint>
#include <string>

#include "common/db/db.h"
#include "common/write/call.h"
#include "google/protobuf/message.h"
#include "spm/base/v1/policy.pb.h"

namespace spm {

struct PolicyQuestion {
  std::string kind;
  // In force now; null where the kind is new.
  const google::protobuf::Message* current = nullptr;
  const google::protobuf::Message* candidate = nullptr;
  const Call* call = nullptr;
  // Where to open a snapshot for each page: no view of the data is held for long.
  Db* db = nullptr;
  // Most examples of each effect.
  int examples = 0;
};

// One effect while it is counted.
class Effect {
 public:
  Effect(const std::string& name, const std::string& unit, int examples) : examples_(examples) {
    effect_.set_name(name);
    effect_.set_unit(unit);
  }
  // A record to which the effect applies or not, before and after.
  void Count(const std::string& id, const std::string& name, bool before, bool after) {
    effect_.set_before(effect_.before() + before);
    effect_.set_after(effect_.after() + after);
    effect_.set_examined(effect_.examined() + 1);
    if (before != after) Example(id, name, before ? "yes" : "no", after ? "yes" : "no");
  }
  // Likewise, of a record that says more than yes or no.
  void Example(const std::string& id, const std::string& name, const std::string& before,
               const std::string& after) {
    if (effect_.examples_size() >= examples_) return;
    auto* example = effect_.add_examples();
    example->set_id(id);
    example->set_name(name);
    example->set_before(before);
    example->set_after(after);
  }
  void Set(int64_t before, int64_t after, int64_t examined) {
    effect_.set_before(before);
    effect_.set_after(after);
    effect_.set_examined(examined);
  }
  void AddTo(base::v1::PreviewPolicyResponse* reply) const { *reply->add_effects() = effect_; }

 private:
  base::v1::PolicyEffect effect_;
  int examples_;
};

}  // namespace spm
