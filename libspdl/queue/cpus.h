// SPDX-License-Identifier: BSD-2-Clause
// How many processors this process may use.
#pragma once

namespace spdl::queue {

// SPDL_NUM_THREADS if it is set to a positive number; else the processors of the affinity mask,
// but no more than the cgroup's quota, rounded up. At least 1.
unsigned default_num_threads();

}  // namespace spdl::queue
