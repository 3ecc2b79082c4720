// SPDX-License-Identifier: BSD-2-Clause
// A bounded set of jobs on a pool, with their completions.
#pragma once

#include <atomic>
#include <condition_variable>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <unordered_map>

#include "base/limits.h"
#include "base/trace.h"
#include "queue/event_fd.h"
#include "queue/pool.h"

namespace spdl::queue {

// What a job makes: a handle of the floor above, ended by `free` unless it is taken.
struct Product {
  uint32_t kind = 0;
  std::unique_ptr<void, void (*)(void *)> handle{nullptr, [](void *) {}};
};

struct Completion {
  uint64_t tag;
  Result<Product> outcome;
};

class Queue;

// One piece of work, which ends by exactly one finish().
class Job {
 public:
  // It lets go of what the job was given before it calls finish(), so that borrowed memory has come
  // back when the completion is seen.
  using Run = std::function<void(const std::shared_ptr<Job> &)>;
  // Called once before the completion, also if the job never runs.
  using AtEnd = std::function<void()>;

  Job(std::shared_ptr<Queue> queue, uint64_t tag, Limits limits, Run run, AtEnd at_end);

  const Limits &limits() const { return limits_; }
  const PoolPtr &pool() const;
  void finish(Result<Product> outcome);

 private:
  friend class Queue;
  enum class State { waiting, running, done };

  void start(const std::shared_ptr<Job> &self);
  void cancel();
  void end(Result<Product> outcome);
  bool advance(State from, State to);

  std::shared_ptr<Queue> queue_;
  uint64_t tag_;
  std::shared_ptr<const StopFlag> stop_;
  Limits limits_;
  Run run_;
  AtEnd at_end_;
  std::atomic<State> state_{State::waiting};
  // For a trace: when it was submitted and started, and its own number there; 0 if there is none.
  const int64_t submitted_ns_ = trace::begin();
  int64_t started_ns_ = 0;
  const uint64_t track_ = submitted_ns_ ? next_track() : 0;

  static uint64_t next_track() noexcept;
};

class Queue : public std::enable_shared_from_this<Queue> {
 public:
  static constexpr uint32_t default_capacity = 1024;

  // Without a pool, jobs run on the process's own.
  Queue(PoolPtr pool, uint32_t capacity, std::shared_ptr<const EventFd> event);

  Result<void> submit(uint64_t tag, Limits limits, Job::Run run, Job::AtEnd at_end);
  // Status::again if none is ready, Status::eof if none will ever be.
  Result<Completion> next();
  Result<void> wait(int64_t timeout_ns);
  Result<void> cancel(uint64_t tag);
  void close();
  // Close, and drop what is completed now and later.
  void abandon();

  int fd() const { return event_->fd(); }
  bool is_forked() const { return generation_ != process_generation(); }

 private:
  friend class Job;

  void complete(const Job &job, Result<Product> outcome);
  Result<void> admit(const std::shared_ptr<Job> &job);
  void forget(const Job &job);
  Error nothing_ready() const;

  const uint64_t generation_ = process_generation();
  const PoolPtr pool_;
  const uint32_t capacity_;
  const std::shared_ptr<const EventFd> event_;
  std::shared_ptr<void> released_watch_;

  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::unordered_multimap<uint64_t, std::shared_ptr<Job>> jobs_;
  std::deque<Completion> completions_;
  bool closed_ = false;
  bool abandoned_ = false;
};

}  // namespace spdl::queue
