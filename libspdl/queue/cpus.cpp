// SPDX-License-Identifier: BSD-2-Clause
#include "queue/cpus.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <fstream>
#include <limits>
#include <string>
#include <thread>

#ifdef __linux__
#include <sched.h>
#endif

#include "queue/pool.h"

namespace spdl::queue {
namespace {

constexpr double no_quota = std::numeric_limits<double>::infinity();

unsigned affinity() {
#ifdef __linux__
  cpu_set_t set;
  if (sched_getaffinity(0, sizeof set, &set) == 0) return static_cast<unsigned>(CPU_COUNT(&set));
#endif
  return std::thread::hardware_concurrency();
}

// cgroup v2: "cpu.max" holds "QUOTA PERIOD" or "max PERIOD".
double quota_v2(const std::string &folder) {
  std::ifstream file(folder + "/cpu.max");
  std::string quota;
  double period = 0;
  if (!(file >> quota >> period) || quota == "max" || period <= 0) return no_quota;
  return std::strtod(quota.c_str(), nullptr) / period;
}

double quota_v1(const std::string &folder) {
  double quota = -1, period = 0;
  std::ifstream(folder + "/cpu.cfs_quota_us") >> quota;
  std::ifstream(folder + "/cpu.cfs_period_us") >> period;
  return quota > 0 && period > 0 ? quota / period : no_quota;
}

// The least quota of this process's cgroup and those around it (cgroups(7)).
double cgroup_quota() {
  double least = std::min(quota_v2("/sys/fs/cgroup"), quota_v1("/sys/fs/cgroup/cpu"));
  std::ifstream file("/proc/self/cgroup");
  for (std::string line; std::getline(file, line);) {
    const auto colon = line.rfind(':');
    if (colon == std::string::npos) continue;
    for (std::string path = line.substr(colon + 1); path.size() > 1;
         path.erase(path.find_last_of('/'))) {
      least = std::min(
          {least, quota_v2("/sys/fs/cgroup" + path), quota_v1("/sys/fs/cgroup/cpu" + path)});
      if (path.find('/') == std::string::npos) break;
    }
  }
  return least;
}

}  // namespace

unsigned default_num_threads() {
  if (const char *text = std::getenv("SPDL_NUM_THREADS")) {
    const long n = std::strtol(text, nullptr, 10);
    if (n > 0) return static_cast<unsigned>(std::min<long>(n, Pool::max_threads));
  }
  unsigned n = std::max(affinity(), 1u);
  const double quota = cgroup_quota();
  if (quota < n) n = std::max(1u, static_cast<unsigned>(std::ceil(quota)));
  return std::min(n, Pool::max_threads);
}

}  // namespace spdl::queue
