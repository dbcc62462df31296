#include "services/orders/service.h"

#include "services/orders/product_rpc.h"
#include "services/orders/product_store.h"

namespace spm::orders {

ServiceSpec OrdersService() {
  ServiceSpec s;
  s.name = "orders";
  s.schema = EmbeddedSchema("services/orders/schema");
  s.has_money = [](Snapshot& snapshot) { return AnyMoney(snapshot); };

  s.Command("ProductService/CreateProduct", CreateProduct);
  s.Query("ProductService/GetProduct", GetProduct);
  s.Query("ProductService/ListProducts", ListProducts);
  s.Command("ProductService/UpdateProduct", UpdateProduct,
            Loads(Products(), &v1::UpdateProductRequest::product_id));
  s.Command("ProductService/DeleteProduct", DeleteProduct,
            Loads(Products(), &v1::DeleteProductRequest::product_id));
  s.Command("ProductService/BatchImportProducts", BatchImportProducts);
  return s;
}

}  // namespace spm::orders
