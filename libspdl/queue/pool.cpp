// SPDX-License-Identifier: BSD-2-Clause
#include "queue/pool.h"

#include <pthread.h>

#include <algorithm>
#include <condition_variable>
#include <cstdlib>
#include <deque>
#include <mutex>
#include <thread>

#include "base/exit.h"
#include "base/signals.h"
#include "queue/cpus.h"

namespace spdl::queue {

struct Pool::State {
  std::mutex mutex;
  std::condition_variable posted;
  std::deque<Task> tasks;
  unsigned target = 0;
  unsigned threads = 0;
  unsigned idle = 0;
  bool ending = false;
};

namespace {

using StatePtr = std::shared_ptr<Pool::State>;

// Wait for a task; an empty one tells the worker to leave.
Pool::Task next_task(Pool::State &state, std::unique_lock<std::mutex> &lock) {
  ++state.idle;
  state.posted.wait(
      lock, [&] { return !state.tasks.empty() || state.ending || state.threads > state.target; });
  --state.idle;
  if (state.threads > state.target || state.tasks.empty()) return {};
  Pool::Task task = std::move(state.tasks.front());
  state.tasks.pop_front();
  return task;
}

void work(const StatePtr &state) {
  std::unique_lock lock(state->mutex);
  while (Pool::Task task = next_task(*state, lock)) {
    lock.unlock();
    if (const ExitGuard guard; guard.may_run()) task();
    task = nullptr;  // what it holds ends outside the lock
    lock.lock();
  }
  --state->threads;
  // A surplus worker may have taken the wake-up that was meant for one that stays.
  if (!state->tasks.empty()) state->posted.notify_one();
}

void start_worker(const StatePtr &state) {
  const SignalsBlocked blocked;
  try {
    std::thread([state] {
      pthread_setname_np(pthread_self(), "spdl-worker");
      work(state);
    }).detach();
    ++state->threads;
  } catch (const std::system_error &) {
    // No more threads to be had. That is only an error if there is none at all.
    if (state->threads == 0) throw std::bad_alloc();
  }
}

}  // namespace

Pool::Pool(unsigned num_threads) : state_(std::make_shared<State>()) {
  set_num_threads(num_threads);
}

Pool::~Pool() {
  if (is_forked()) {
    // Its mutex may be held for ever by a thread that this process does not have.
    new std::shared_ptr<State>(std::move(state_));
    return;
  }
  std::lock_guard lock(state_->mutex);
  state_->ending = true;
  state_->posted.notify_all();
}

void Pool::post(Task task) {
  std::lock_guard lock(state_->mutex);
  if (state_->tasks.size() >= state_->idle && state_->threads < state_->target)
    start_worker(state_);
  state_->tasks.push_back(std::move(task));
  state_->posted.notify_one();
}

void Pool::set_num_threads(unsigned num_threads) {
  if (num_threads == 0) num_threads = default_num_threads();
  std::lock_guard lock(state_->mutex);
  state_->target = std::min(num_threads, max_threads);
  for (size_t waiting = state_->tasks.size(); waiting > 0 && state_->threads < state_->target;
       --waiting)
    start_worker(state_);
  if (state_->threads > state_->target) state_->posted.notify_all();
}

unsigned Pool::num_threads() const {
  std::lock_guard lock(state_->mutex);
  return state_->target;
}

PoolPtr process_pool() {
  struct Shared {
    PoolPtr pool = std::make_shared<Pool>(0);
  };
  static PerProcess<Shared> shared;
  return shared.get().pool;
}

}  // namespace spdl::queue
