// SPDX-License-Identifier: BSD-2-Clause
#include "spdl/queue.h"

#include "abi/boundary.h"
#include "abi/handle.h"

using namespace spdl;
using namespace spdl::abi;

namespace {

Error forked() {
  return {Status::forked, Origin::queue,
          "This pool belongs to the parent process; make a new one after fork()."};
}

Result<void> check_num_threads(uint32_t num_threads) {
  if (num_threads > queue::Pool::max_threads) return invalid("More than 4096 threads.");
  return {};
}

Result<queue::PoolPtr> pool_of(const spdl_pool *pool) {
  if (!pool) return queue::process_pool();
  if (pool->value->is_forked()) return forked();
  return pool->value;
}

Result<std::shared_ptr<const queue::EventFd>> read_event(const spdl_queue_options &options) {
  if (options.flags & SPDL_QUEUE_HAS_FD) return queue::EventFd::duplicate(options.fd);
  return queue::EventFd::create();
}

Result<void> write_completion(queue::Completion completion, spdl_completion *out, spdl_error *err) {
  spdl_completion read{};
  read.tag = completion.tag;
  if (completion.outcome) {
    read.kind = completion.outcome->kind;
    read.result = completion.outcome->handle.get();
  } else {
    read.status = report(completion.outcome.error(), err);
  }
  SPDL_TRY(write_struct(out, read));
  if (completion.outcome) completion.outcome->handle.release();
  return {};
}

}  // namespace

spdl_status spdl_pool_create(const spdl_pool_options *options, spdl_pool **out_pool,
                             spdl_error *err) noexcept {
  return guard(err, [&]() -> Result<void> {
    SPDL_TRY(require(out_pool));
    SPDL_TRY_ASSIGN(const spdl_pool_options read, read_struct(options));
    SPDL_TRY(check_num_threads(read.num_threads));
    *out_pool = new spdl_pool(std::make_shared<queue::Pool>(read.num_threads));
    return {};
  });
}

void spdl_pool_free(spdl_pool *pool) noexcept { delete pool; }

spdl_status spdl_pool_set_num_threads(spdl_pool *pool, uint32_t num_threads,
                                      spdl_error *err) noexcept {
  return guard(err, [&]() -> Result<void> {
    SPDL_TRY(check_num_threads(num_threads));
    SPDL_TRY_ASSIGN(const auto value, pool_of(pool));
    value->set_num_threads(num_threads);
    return {};
  });
}

uint32_t spdl_pool_get_num_threads(const spdl_pool *pool) noexcept {
  const auto value = pool_of(pool);
  return value ? (*value)->num_threads() : 0;
}

spdl_status spdl_queue_create(const spdl_pool *pool, const spdl_queue_options *options,
                              spdl_queue **out_queue, spdl_error *err) noexcept {
  return guard(err, [&]() -> Result<void> {
    SPDL_TRY(require(out_queue));
    SPDL_TRY_ASSIGN(const spdl_queue_options read, read_struct(options));
    if (read.flags & ~uint32_t{SPDL_QUEUE_HAS_FD}) return invalid("An unknown SPDL_QUEUE flag.");
    SPDL_TRY_ASSIGN(auto value, pool_of(pool));
    SPDL_TRY_ASSIGN(auto event, read_event(read));
    *out_queue = new spdl_queue(
        std::make_shared<queue::Queue>(std::move(value), read.capacity, std::move(event)));
    return {};
  });
}

int32_t spdl_queue_get_fd(const spdl_queue *queue) noexcept {
  return queue ? queue->value->fd() : -1;
}

spdl_status spdl_queue_next(spdl_queue *queue, spdl_completion *out_completion,
                            spdl_error *err) noexcept {
  return guard(err, [&]() -> Result<void> {
    SPDL_TRY(require(queue, out_completion));
    SPDL_TRY(check_struct(out_completion, sizeof(spdl_completion)));
    const auto value = queue->value;
    SPDL_TRY_ASSIGN(auto completion, value->next());
    return write_completion(std::move(completion), out_completion, err);
  });
}

spdl_status spdl_queue_wait(const spdl_queue *queue, int64_t timeout_ns, spdl_error *err) noexcept {
  return guard(err, [&]() -> Result<void> {
    SPDL_TRY(require(queue));
    const auto value = queue->value;  // the handle may be freed while this waits
    return value->wait(timeout_ns);
  });
}

spdl_status spdl_queue_cancel(spdl_queue *queue, uint64_t tag, spdl_error *err) noexcept {
  return guard(err, [&]() -> Result<void> {
    SPDL_TRY(require(queue));
    const auto value = queue->value;
    return value->cancel(tag);
  });
}

void spdl_queue_close(spdl_queue *queue) noexcept {
  if (queue)
    guard(nullptr, [&]() -> Result<void> {
      const auto value = queue->value;  // the handle may be freed meanwhile
      value->close();
      return {};
    });
}

void spdl_queue_free(spdl_queue *queue) noexcept {
  if (!queue) return;
  if (queue->value->is_forked()) {
    // Threads that this process does not have may hold its lock or wait on it for ever.
    new std::shared_ptr<queue::Queue>(std::move(queue->value));
  } else {
    guard(nullptr, [&]() -> Result<void> {
      queue->value->abandon();
      return {};
    });
  }
  delete queue;
}
