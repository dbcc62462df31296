// The policies that leads ships with; version 1 of each kind at the first start. Pure.
#pragma once

#include "spm/leads/v1/policy.pb.h"

namespace spm::leads {

// Intent 40%, budget 30%, decision cycle 30%; A from 80 points, B from 60, C from 40.
v1::GradePolicy DefaultGrade();
// Region 35%, skill 25%, record 20%, load 20%; 200 open leads a person.
v1::AssignmentPolicy DefaultAssignment();
// First contact within 24 hours.
v1::ContactPolicy DefaultContact();
// A deal is overdue on the day after its expected close.
v1::ClosePolicy DefaultClose();
// Need, quote, negotiate, sign; then won or lost. Reminded after 7 days in a stage.
v1::PipelinePolicy DefaultPipeline();
// Acquire, discover, present, objection, close; winning the deal begins its after-sales care, which
// is the sixth step; or lost.
v1::PipelinePolicy SixStepPipeline();

}  // namespace spm::leads
