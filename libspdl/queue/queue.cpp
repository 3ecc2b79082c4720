// SPDX-License-Identifier: BSD-2-Clause
#include "queue/queue.h"

#include <vector>

#include "base/released.h"

namespace spdl::queue {
namespace {

Error cancelled() {
  return {Status::cancelled, Origin::queue, "The operation was cancelled before it started."};
}

Error forked() {
  return {Status::forked, Origin::queue,
          "This queue belongs to the parent process; make a new one after fork()."};
}

// The jobs of this process, for the counters of a trace.
struct Count {
  std::atomic<int64_t> waiting{0};
  std::atomic<int64_t> running{0};

  void add(int64_t to_waiting, int64_t to_running) noexcept {
    const int64_t now_waiting = waiting.fetch_add(to_waiting) + to_waiting;
    const int64_t now_running = running.fetch_add(to_running) + to_running;
    if (!trace::is_on()) [[likely]]
      return;
    if (to_waiting) trace::add_counter("jobs waiting", static_cast<double>(now_waiting));
    if (to_running) trace::add_counter("jobs running", static_cast<double>(now_running));
  }
};
PerProcess<Count> counts;

}  // namespace

Job::Job(std::shared_ptr<Queue> queue, uint64_t tag, Limits limits, Run run, AtEnd at_end)
    : queue_(std::move(queue)),
      tag_(tag),
      stop_(std::make_shared<StopFlag>()),
      limits_(std::move(limits)),
      run_(std::move(run)),
      at_end_(std::move(at_end)) {
  limits_.job_stop = stop_;
}

const PoolPtr &Job::pool() const { return queue_->pool_; }

uint64_t Job::next_track() noexcept {
  static std::atomic<uint64_t> last{0};
  return last.fetch_add(1, std::memory_order_relaxed) + 1;
}

bool Job::advance(State from, State to) {
  if (!state_.compare_exchange_strong(from, to)) return false;
  counts.get().add(from == State::waiting ? -1 : 0,
                   (to == State::running ? 1 : 0) - (from == State::running ? 1 : 0));
  if (from == State::waiting)
    trace::add(trace::Category::job, submitted_ns_, track_, "queue wait", {});
  if (to == State::running && submitted_ns_) started_ns_ = trace::begin();
  if (from == State::running) trace::add(trace::Category::job, started_ns_, track_, "job", {});
  return true;
}

void Job::start(const std::shared_ptr<Job> &self) {
  if (!advance(State::waiting, State::running)) return;
  if (auto late = limits_.check(Origin::queue, "Before it started"); !late)
    return finish(std::move(late).error());
  Run run = std::move(run_);
  run(self);
}

void Job::finish(Result<Product> outcome) {
  if (advance(State::running, State::done)) end(std::move(outcome));
}

void Job::cancel() {
  stop_->set();
  if (advance(State::waiting, State::done)) end(cancelled());
}

void Job::end(Result<Product> outcome) {
  run_ = nullptr;
  if (at_end_) at_end_();
  at_end_ = nullptr;
  queue_->complete(*this, std::move(outcome));
}

Queue::Queue(PoolPtr pool, uint32_t capacity, std::shared_ptr<const EventFd> event)
    : pool_(pool ? std::move(pool) : process_pool()),
      capacity_(capacity ? capacity : default_capacity),
      event_(std::move(event)),
      released_watch_(watch_released([event = event_] { event->signal(); })) {}

Result<void> Queue::submit(uint64_t tag, Limits limits, Job::Run run, Job::AtEnd at_end) {
  if (is_forked()) return forked();
  auto job = std::make_shared<Job>(shared_from_this(), tag, std::move(limits), std::move(run),
                                   std::move(at_end));
  SPDL_TRY(admit(job));
  try {
    pool_->post([job] { job->start(job); });
  } catch (...) {
    // If it was cancelled meanwhile, its completion is on its way.
    if (!job->advance(Job::State::waiting, Job::State::done)) return {};
    std::lock_guard lock(mutex_);
    forget(*job);
    throw;
  }
  return {};
}

Result<void> Queue::admit(const std::shared_ptr<Job> &job) {
  std::lock_guard lock(mutex_);
  if (closed_) return Error{Status::invalid, Origin::queue, "The queue is closed."};
  if (jobs_.size() + completions_.size() >= capacity_)
    return Error{Status::again, Origin::queue, "The queue is full."};
  jobs_.emplace(job->tag_, job);
  counts.get().add(1, 0);
  return {};
}

void Queue::forget(const Job &job) {
  const auto [first, last] = jobs_.equal_range(job.tag_);
  for (auto it = first; it != last; ++it) {
    if (it->second.get() != &job) continue;
    jobs_.erase(it);
    return;
  }
}

void Queue::complete(const Job &job, Result<Product> outcome) {
  std::lock_guard lock(mutex_);
  forget(job);
  if (!abandoned_) {
    completions_.push_back({job.tag_, std::move(outcome)});
    if (completions_.size() == 1) event_->signal();
  }
  changed_.notify_all();
}

Error Queue::nothing_ready() const {
  if (closed_ && jobs_.empty())
    return {Status::eof, Origin::queue, "The queue is closed and empty."};
  return {Status::again, Origin::queue, "No completion is ready."};
}

Result<Completion> Queue::next() {
  if (is_forked()) return forked();
  std::lock_guard lock(mutex_);
  if (completions_.empty()) return nothing_ready();
  Completion completion = std::move(completions_.front());
  completions_.pop_front();
  return completion;
}

Result<void> Queue::wait(int64_t timeout_ns) {
  if (is_forked()) return forked();
  std::unique_lock lock(mutex_);
  wait_until(changed_, lock, timeout_ns,
             [&] { return !completions_.empty() || (closed_ && jobs_.empty()); });
  if (completions_.empty()) return nothing_ready();
  return {};
}

Result<void> Queue::cancel(uint64_t tag) {
  if (is_forked()) return forked();
  std::vector<std::shared_ptr<Job>> jobs;
  {
    std::lock_guard lock(mutex_);
    const auto [first, last] = jobs_.equal_range(tag);
    for (auto it = first; it != last; ++it) jobs.push_back(it->second);
  }
  if (jobs.empty())
    return Error{Status::eof, Origin::queue, "No job with this tag is waiting or running."};
  for (const auto &job : jobs) job->cancel();
  return {};
}

void Queue::close() {
  if (is_forked()) return;
  std::vector<std::shared_ptr<Job>> jobs;
  {
    std::lock_guard lock(mutex_);
    closed_ = true;
    for (const auto &[tag, job] : jobs_) jobs.push_back(job);
    changed_.notify_all();
  }
  for (const auto &job : jobs) job->cancel();
}

void Queue::abandon() {
  if (is_forked()) return;
  std::deque<Completion> dropped;
  {
    std::lock_guard lock(mutex_);
    abandoned_ = true;
    dropped.swap(completions_);
    released_watch_ = nullptr;
  }
  close();
}

}  // namespace spdl::queue
