// Products through their commands.
#include <gtest/gtest.h>

#include "services/orders/service.h"
#include "spm/orders/v1/events.pb.h"
#include "spm/orders/v1/product.pb.h"
#include "tests/support/service_fixture.h"

namespace spm::orders {
namespace {

using base::v1::RowResult;
using testing::Services;

constexpr char kApi[] = "spm.orders.v1.ProductService/";
const Currency kUsd{"USD", 2};

std::vector<ServiceSpec> Specs() {
  std::vector<ServiceSpec> specs;
  specs.push_back(OrdersService());
  return specs;
}

v1::Product Create(Services& s, const std::string& name, int64_t minor) {
  v1::CreateProductRequest request;
  request.mutable_product()->set_name(name);
  *request.mutable_product()->mutable_list_price() = ToMoney(minor, kUsd);
  auto made = s.Call<v1::Product>(std::string(kApi) + "CreateProduct", request);
  EXPECT_TRUE(made.ok()) << made.status();
  return made.ok() ? *made : v1::Product();
}

v1::ProductInfo LastInfo(Services& s) {
  v1::ProductUpdated updated;
  EXPECT_TRUE(updated.ParseFromString(s.Journal("orders").back().payload()));
  return updated.product();
}

TEST(Product, AChangedPriceIsAnEventAndAnUnchangedOneIsNone) {
  Services s(Specs());
  const v1::Product product = Create(s, "Pump", 100'000);
  v1::UpdateProductRequest request;
  request.set_product_id(product.id());
  request.set_etag(std::to_string(product.version()));
  *request.mutable_product()->mutable_list_price() = ToMoney(120'000, kUsd);
  request.mutable_update_mask()->add_paths("list_price");
  const std::string method = std::string(kApi) + "UpdateProduct";
  ASSERT_TRUE(s.Call<v1::Product>(method, request).ok());
  EXPECT_EQ(LastInfo(s).list_price_minor(), 120'000);
  EXPECT_EQ(LastInfo(s).name(), "Pump");
  EXPECT_EQ(Reason(s.Call<v1::Product>(method, request).status()), "VERSION_CONFLICT");
  request.clear_etag();
  const size_t events = s.Journal("orders").size();
  ASSERT_TRUE(s.Call<v1::Product>(method, request).ok());
  EXPECT_EQ(s.Journal("orders").size(), events);
  request.mutable_update_mask()->set_paths(0, "version");
  EXPECT_EQ(s.Call<v1::Product>(method, request).status().code(), StatusCode::kInvalidArgument);
}

TEST(Product, APriceIsOfTheCompanysCurrencyAndNotNegative) {
  Services s(Specs());
  v1::CreateProductRequest request;
  request.mutable_product()->set_name("Pump");
  const std::string method = std::string(kApi) + "CreateProduct";
  for (const auto& money : {ToMoney(-1, kUsd), ToMoney(1, Currency{"EUR", 2})}) {
    *request.mutable_product()->mutable_list_price() = money;
    const Status refused = s.Call<v1::Product>(method, request).status();
    EXPECT_EQ(refused.code(), StatusCode::kInvalidArgument);
    EXPECT_NE(std::string(refused.message()).find("product.list_price"), std::string::npos);
  }
}

TEST(Product, ADeletedOneIsKeptAndHidden) {
  Services s(Specs());
  const v1::Product product = Create(s, "Pump", 1), other = Create(s, "Fan", 2);
  v1::DeleteProductRequest gone;
  gone.set_product_id(product.id());
  ASSERT_TRUE(s.Call<v1::Product>(std::string(kApi) + "DeleteProduct", gone).ok());
  EXPECT_EQ(s.Call<v1::Product>(std::string(kApi) + "DeleteProduct", gone).status().code(),
            StatusCode::kNotFound);
  v1::ListProductsRequest list;
  auto live = s.Call<v1::ListProductsResponse>(std::string(kApi) + "ListProducts", list);
  ASSERT_EQ(live->products_size(), 1);
  EXPECT_EQ(live->products(0).id(), other.id());
  list.set_show_deleted(true);
  auto all = s.Call<v1::ListProductsResponse>(std::string(kApi) + "ListProducts", list);
  EXPECT_EQ(all->products_size(), 2);
}

TEST(BatchImportProducts, RepeatsToNothingUpdatesWhatChangedRefusesWhatIsWrong) {
  Services s(Specs());
  v1::BatchImportProductsRequest request;
  request.set_source("crm");
  for (const char* key : {"a", "b", "a"}) {
    auto* row = request.add_rows();
    row->set_external_id(key);
    row->set_name(key);
    *row->mutable_list_price() = ToMoney(500, kUsd);
  }
  *request.mutable_rows(1)->mutable_list_price() = ToMoney(-500, kUsd);
  auto run = [&] {
    std::vector<int> outcomes;
    auto response =
        s.Call<v1::BatchImportProductsResponse>(std::string(kApi) + "BatchImportProducts", request);
    EXPECT_TRUE(response.ok()) << response.status();
    for (const auto& result : response->results()) outcomes.push_back(result.outcome());
    return outcomes;
  };
  EXPECT_EQ(run(), (std::vector<int>{RowResult::OUTCOME_CREATED, RowResult::OUTCOME_REFUSED,
                                     RowResult::OUTCOME_UNCHANGED}));
  request.mutable_rows(2)->set_line("Machines");
  EXPECT_EQ(run(), (std::vector<int>{RowResult::OUTCOME_UNCHANGED, RowResult::OUTCOME_REFUSED,
                                     RowResult::OUTCOME_UPDATED}));
  EXPECT_EQ(LastInfo(s).line(), "Machines");
  EXPECT_EQ(LastInfo(s).external_ids(0).id(), "a");
}

}  // namespace
}  // namespace spm::orders
