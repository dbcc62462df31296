// What policies of leads meet in its data: what a candidate would change, and what forbids it. For
// any thread.
#pragma once

#include "common/policy/preview.h"

namespace spm::leads {

// FAILED_PRECONDITION where open deals stand in a stage that a pipeline would no longer have.
Status GuardPolicy(Reader& reader, const std::string& kind,
                   const google::protobuf::Message& candidate);

// Leads by grade; people without room for a lead; leads whose first contact is overdue; deals that
// are overdue; and of a pipeline the deals that are stalled or held back by their checklist, those
// that lose their stage, and the value weighted by the chance to be won.
Status PreviewPolicy(const PolicyQuestion& question, base::v1::PreviewPolicyResponse* reply);

}  // namespace spm::leads
