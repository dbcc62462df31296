// Many dead events in a short time are taken for a bad release: their part pauses, the others go
// on.
#include <gtest/gtest.h>

#include "spm/orders/v1/events.pb.h"
#include "tests/support/service_fixture.h"

namespace spm {
namespace {

using testing::Services;

Status Refuse(Tx&, const Received<orders::v1::ProductCreated>&, const Call&) {
  return InvalidField("name", "is refused");
}

base::v1::Event EventOf(const std::string& aggregate_id) {
  base::v1::Event event;
  event.set_aggregate_id(aggregate_id);
  event.set_version(1);
  event.set_type(orders::v1::ProductCreated::descriptor()->full_name());
  return event;
}

std::vector<std::string> IdsOfPart(int part, size_t count) {
  std::vector<std::string> ids;
  for (int i = 0; ids.size() < count; ++i)
    if (std::string id = NamedId(std::to_string(i)); PartOf(id) == part) ids.push_back(id);
  return ids;
}

// G7: what a bad release would have killed waits instead, and is offered again.
TEST(Events, AreNotTakenAnyMoreWhenTooManyOfAPartDie) {
  ServiceSpec sink;
  sink.name = "performance";
  sink.follows_org = false;
  sink.On<orders::v1::ProductCreated>("orders", Refuse);
  std::vector<ServiceSpec> specs;
  specs.push_back(std::move(sink));
  Services s(std::move(specs));
  Dispatch& dispatch = *s.Find("performance")->dispatches()[0];
  auto deliver = [&dispatch](const std::string& id) {
    std::promise<Status> done;
    dispatch.Deliver({{"orders", EventOf(id)}}, [&done](Status status) { done.set_value(status); });
    return done.get_future().get();
  };
  auto held = [&s] {
    auto snapshot = s.Find("performance")->db().OpenSnapshot();
    return (*(*snapshot)->Query("SELECT COUNT(*) FROM held"))[0].Int(0);
  };
  const auto ids = IdsOfPart(3, 25);
  for (int i = 0; i < 20; ++i) EXPECT_TRUE(deliver(ids[i]).ok()) << i;
  EXPECT_EQ(held(), 20);
  for (int i = 20; i < 25; ++i)
    EXPECT_EQ(deliver(ids[i]).code(), StatusCode::kUnavailable) << "offered again later";
  EXPECT_EQ(held(), 20);
  EXPECT_TRUE(deliver(IdsOfPart(4, 1)[0]).ok());
  EXPECT_EQ(held(), 21);
}

}  // namespace
}  // namespace spm
