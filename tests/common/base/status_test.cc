#include "common/base/status.h"

#include <gtest/gtest.h>

#include "google/rpc/error_details.pb.h"
#include "google/rpc/status.pb.h"

namespace spm {
namespace {

template <typename Detail>
Detail DetailOf(const Status& status) {
  const google::rpc::Status proto = ToProto(status);
  Detail detail;
  for (const auto& any : proto.details())
    if (any.UnpackTo(&detail)) return detail;
  ADD_FAILURE() << "no such detail";
  return detail;
}

TEST(Status, EveryErrorCarriesReasonAndDomain) {
  for (const Status& status :
       {InvalidField("name", "is missing"), NotFound("lead", "x"), Precondition("CLOSED", "closed"),
        Aborted("ETAG", "changed"), Internal("bug"), Unavailable("away")}) {
    EXPECT_EQ(DetailOf<google::rpc::ErrorInfo>(status).domain(), "spm");
    EXPECT_FALSE(Reason(status).empty());
  }
  EXPECT_EQ(Reason(OkStatus()), "");
}

TEST(Status, NamesAtMostTwentyViolations) {
  std::vector<Violation> violations;
  for (int i = 0; i < 25; ++i) violations.push_back({"f" + std::to_string(i), "is wrong"});
  const Status status = InvalidFields(violations);
  EXPECT_EQ(DetailOf<google::rpc::BadRequest>(status).field_violations_size(), 20);
  EXPECT_EQ(std::string(status.message()).find("f20"), std::string::npos);
}

TEST(Status, PrefixReachesTheViolations) {
  const Status status = Prefixed(InvalidField("name", "is missing"), "rows[3]");
  EXPECT_EQ(DetailOf<google::rpc::BadRequest>(status).field_violations(0).field(), "rows[3].name");
  EXPECT_EQ(status.message(), "rows[3]: name: is missing");
}

TEST(Status, CrossesTheWireUnchanged) {
  const Status status = WithMetadata(Precondition("DUPLICATE", "exists"), "id", "42");
  const Status back = FromProto(ToProto(status));
  EXPECT_EQ(back, status);
  EXPECT_EQ(DetailOf<google::rpc::ErrorInfo>(back).metadata().at("id"), "42");
  EXPECT_TRUE(FromProto(ToProto(OkStatus())).ok());
}

TEST(Status, InfrastructureIsNoFaultOfTheInput) {
  EXPECT_TRUE(IsInfrastructure(Unavailable("away")));
  EXPECT_TRUE(IsInfrastructure(Error(StatusCode::kDeadlineExceeded, "LATE", "late")));
  EXPECT_FALSE(IsInfrastructure(Internal("bug")));
  EXPECT_FALSE(IsInfrastructure(InvalidField("name", "is missing")));
  EXPECT_GT(DetailOf<google::rpc::RetryInfo>(Unavailable("away")).retry_delay().nanos(), 0);
}

}  // namespace
}  // namespace spm
