// SPDX-License-Identifier: BSD-2-Clause
#include "load/sample.h"
#include "abi/operation.h"
#include "spdl/decode.h"

using namespace spdl;
using namespace spdl::abi;

namespace {

// What is asked for, by value: the caller's may change.
struct Wanted {
  ffmpeg::PacketsPtr packets;
  std::vector<int64_t> indices;
  ffmpeg::DecodeOptions options;
};

Result<Wanted> read_wanted(const spdl_packets *packets, const int64_t *indices, size_t num_indices,
                           const spdl_decode_options *options) {
  SPDL_TRY(require(packets));
  if (num_indices > 0) SPDL_TRY(require(indices));
  const std::span<const int64_t> list(indices, num_indices);
  SPDL_TRY(load::check_indices(*packets->value, list));
  SPDL_TRY_ASSIGN(auto read, read_decode_options(options));
  return Wanted{packets->value, {list.begin(), list.end()}, std::move(read)};
}

// Not by submit(): the splits end on several workers, and the last one ends the job.
queue::Job::Run sample_job(Wanted wanted) {
  return [wanted = std::move(wanted)](const std::shared_ptr<queue::Job> &job) mutable {
    const auto done = [job](Result<load::SamplesPtr> samples) {
      job->finish(catch_all([&] { return to_product<spdl_samples>(std::move(samples)); }));
    };
    auto started = catch_all([&]() -> Result<queue::Product> {
      SPDL_TRY(load::start_samples(std::move(wanted.packets), std::move(wanted.indices),
                                   std::move(wanted.options), job->limits(), job->pool(), done));
      return queue::Product();
    });
    if (!started) job->finish(std::move(started));
  };
}

}  // namespace

spdl_status spdl_packets_sample(const spdl_packets *packets, const int64_t *indices,
                                size_t num_indices, const spdl_decode_options *options,
                                const spdl_limits *limits, spdl_samples **out_samples,
                                spdl_error *err) noexcept {
  const auto plan = [&]() -> Result<Call<spdl_samples>> {
    SPDL_TRY_ASSIGN(auto wanted, read_wanted(packets, indices, num_indices, options));
    return [wanted = std::move(wanted)](const Limits &call_limits) {
      return load::sample(wanted.packets, wanted.indices, wanted.options, call_limits);
    };
  };
  return run(plan, limits, out_samples, err);
}

spdl_status spdl_packets_sample_submit(spdl_queue *queue, uint64_t tag, const spdl_packets *packets,
                                       const int64_t *indices, size_t num_indices,
                                       const spdl_decode_options *options,
                                       const spdl_limits *limits, spdl_error *err) noexcept {
  return guard(err, [&]() -> Result<void> {
    SPDL_TRY(require(queue));
    const auto to = queue->value;  // the handle may be freed meanwhile
    SPDL_TRY_ASSIGN(Limits read, read_limits(limits));
    SPDL_TRY_ASSIGN(auto wanted, read_wanted(packets, indices, num_indices, options));
    return to->submit(tag, std::move(read), sample_job(std::move(wanted)), nullptr);
  });
}

spdl_status spdl_samples_get_info(const spdl_samples *samples, spdl_samples_info *out_info,
                                  spdl_error *err) noexcept {
  return guard(err, [&]() -> Result<void> {
    SPDL_TRY(require(samples));
    const load::Samples &value = *samples->value;
    spdl_samples_info info{};
    info.num_frames = static_cast<uint32_t>(value.frames.size());
    info.num_failed = static_cast<uint32_t>(value.failures.size());
    info.indices = value.indices.data();
    return write_struct(out_info, info);
  });
}

spdl_status spdl_samples_get_frame(const spdl_samples *samples, uint32_t position,
                                   spdl_frames **out_frames, spdl_error *err) noexcept {
  return guard(err, [&]() -> Result<void> {
    SPDL_TRY(require(samples, out_frames));
    const auto &frames = samples->value->frames;
    if (position >= frames.size()) return invalid("The sample has no frame of this position.");
    *out_frames = new spdl_frames(frames[position]);
    return {};
  });
}

spdl_status spdl_samples_get_failure(const spdl_samples *samples, uint32_t position,
                                     spdl_error *out_failure, spdl_error *err) noexcept {
  return guard(err, [&]() -> Result<void> {
    SPDL_TRY(require(samples, out_failure));
    SPDL_TRY(check_struct(out_failure, sizeof(spdl_error)));
    const auto &failures = samples->value->failures;
    if (position >= failures.size()) return invalid("The sample has no failure of this position.");
    report(failures[position], out_failure);
    return {};
  });
}

void spdl_samples_free(spdl_samples *samples) noexcept { delete samples; }
