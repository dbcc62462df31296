// Table of contents of orders: products and list prices.
#pragma once

#include "common/app/spec.h"

namespace spm::orders {

ServiceSpec OrdersService();

}  // namespace spm::orders
