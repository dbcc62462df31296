// Table of contents of orders: products and their list prices.
#pragma once

#include "common/app/spec.h"

namespace spm::orders {

ServiceSpec OrdersService();

}  // namespace spm::orders
