// SPDX-License-Identifier: BSD-2-Clause
#include "base/exit.h"

#include <atomic>
#include <chrono>
#include <cstdlib>
#include <thread>

#include "base/process.h"

namespace spdl {
namespace {

using namespace std::chrono_literals;

// One packet takes milliseconds; a worker that is not done by then is left behind.
constexpr auto patience = 500ms;

std::atomic<bool> exiting{false};

struct Running {
  std::atomic<int> tasks{0};
};
PerProcess<Running> running;

void wait_for_workers() {
  exiting.store(true);
  const Running *now = running.find();
  const auto end = std::chrono::steady_clock::now() + patience;
  while (now && now->tasks.load() > 0 && std::chrono::steady_clock::now() < end)
    std::this_thread::sleep_for(1ms);
}

}  // namespace

bool is_exiting() noexcept { return exiting.load(std::memory_order_relaxed); }

ExitGuard::ExitGuard() noexcept {
  // Registered with the first task, so after all that FFmpeg's libraries registered when loaded.
  static const bool registered = std::atexit(wait_for_workers) == 0;
  running.get().tasks.fetch_add(1);
  may_run_ = registered && !exiting.load();
}

ExitGuard::~ExitGuard() { running.get().tasks.fetch_sub(1); }

}  // namespace spdl
