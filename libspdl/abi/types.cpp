// SPDX-License-Identifier: BSD-2-Clause
#include "abi/boundary.h"
#include "abi/handle.h"

using namespace spdl;
using namespace spdl::abi;

spdl_status spdl_cancel_create(spdl_cancel **out_cancel, spdl_error *err) noexcept {
  return guard(err, [&]() -> Result<void> {
    SPDL_TRY(require(out_cancel));
    *out_cancel = new spdl_cancel(std::make_shared<const StopFlag>());
    return {};
  });
}

void spdl_cancel_trigger(const spdl_cancel *cancel) noexcept {
  if (cancel) cancel->value->set();
}

void spdl_cancel_free(spdl_cancel *cancel) noexcept { delete cancel; }
