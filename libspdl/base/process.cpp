// SPDX-License-Identifier: BSD-2-Clause
#include "base/process.h"

#include <pthread.h>

#include <condition_variable>
#include <mutex>
#include <new>

namespace spdl {
namespace {

std::atomic<uint64_t> generation{0};

// Counts the threads inside fork-unsafe calls, and keeps new ones out while a fork is under way.
struct Gate {
  std::mutex mutex;
  std::condition_variable changed;
  int inside = 0;
  bool forking = false;
};

alignas(Gate) unsigned char gate_storage[sizeof(Gate)];
Gate &gate() { return *std::launder(reinterpret_cast<Gate *>(gate_storage)); }

void before_fork() {
  std::unique_lock lock(gate().mutex);
  gate().forking = true;
  gate().changed.wait_for(lock, std::chrono::seconds(2), [] { return gate().inside == 0; });
  lock.release();  // stays locked across the fork
}

void after_fork_in_parent() {
  gate().forking = false;
  gate().changed.notify_all();
  gate().mutex.unlock();
}

void after_fork_in_child() {
  generation.fetch_add(1, std::memory_order_relaxed);
  new (gate_storage) Gate();
}

[[maybe_unused]] const bool registered = [] {
  new (gate_storage) Gate();
  pthread_atfork(before_fork, after_fork_in_parent, after_fork_in_child);
  return true;
}();

}  // namespace

uint64_t process_generation() noexcept { return generation.load(std::memory_order_relaxed); }

void ForkUnsafe::enter() {
  std::unique_lock lock(gate().mutex);
  gate().changed.wait(lock, [] { return !gate().forking; });
  ++gate().inside;
  generation_ = process_generation();
}

void ForkUnsafe::leave() {
  if (generation_ != process_generation()) return;
  std::lock_guard lock(gate().mutex);
  if (--gate().inside == 0 && gate().forking) gate().changed.notify_all();
}

}  // namespace spdl
