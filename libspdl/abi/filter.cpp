// SPDX-License-Identifier: BSD-2-Clause
#include "spdl/filter.h"

#include "abi/operation.h"

using namespace spdl;
using namespace spdl::abi;

namespace {

Result<Action> plan_add(const spdl_filter_graph *graph, const char *key,
                        const spdl_frames *frames) {
  SPDL_TRY(require(graph, frames));
  return [graph = graph->value, key = to_string(key), frames = frames->value](
             const Limits &limits) { return graph->add_frames(key, *frames, limits); };
}

Result<Call<spdl_frames>> plan_get(const spdl_filter_graph *graph, const char *key) {
  SPDL_TRY(require(graph));
  return [graph = graph->value, key = to_string(key)](const Limits &limits) {
    return graph->get_frames(key, limits);
  };
}

Result<Action> plan_flush(const spdl_filter_graph *graph) {
  SPDL_TRY(require(graph));
  return [graph = graph->value](const Limits &limits) { return graph->flush(limits); };
}

Result<const std::vector<ffmpeg::FilterGraph::Name> *> read_list(const spdl_filter_graph *graph,
                                                                 int32_t list) {
  if (list == SPDL_GRAPH_SOURCES) return &graph->value->source_names();
  if (list == SPDL_GRAPH_SINKS) return &graph->value->sink_names();
  return invalid("The list is none of SPDL_GRAPH_*.");
}

}  // namespace

spdl_status spdl_filter_graph_open(const char *desc, const spdl_limits *limits,
                                   spdl_filter_graph **out_graph, spdl_error *err) noexcept {
  return guard(err, [&]() -> Result<void> {
    SPDL_TRY(require(desc, out_graph));
    SPDL_TRY_ASSIGN(const Limits read, read_limits(limits));
    return hand_over(ffmpeg::FilterGraph::open(desc, read), out_graph);
  });
}

spdl_status spdl_filter_graph_get_info(const spdl_filter_graph *graph,
                                       spdl_filter_graph_info *out_info, spdl_error *err) noexcept {
  return guard(err, [&]() -> Result<void> {
    SPDL_TRY(require(graph));
    const ffmpeg::FilterGraph &value = *graph->value;
    spdl_filter_graph_info info{};
    info.num_sources = static_cast<uint32_t>(value.source_names().size());
    info.num_sinks = static_cast<uint32_t>(value.sink_names().size());
    info.dump = value.dump().c_str();
    return write_struct(out_info, info);
  });
}

spdl_status spdl_filter_graph_get_keys(const spdl_filter_graph *graph, int32_t list,
                                       spdl_entry *out_keys, size_t num_keys, size_t *out_num,
                                       spdl_error *err) noexcept {
  return guard(err, [&]() -> Result<void> {
    SPDL_TRY(require(graph, out_num));
    if (num_keys > 0) SPDL_TRY(require(out_keys));
    SPDL_TRY_ASSIGN(const auto *names, read_list(graph, list));
    std::vector<spdl_entry> entries;
    for (const auto &name : *names)
      entries.push_back({name.key.c_str(), name.is_audio ? "audio" : "video"});
    return copy_list(entries, out_keys, num_keys, out_num);
  });
}

spdl_status spdl_filter_graph_add_frames(const spdl_filter_graph *graph, const char *key,
                                         const spdl_frames *frames, const spdl_limits *limits,
                                         spdl_error *err) noexcept {
  return run_action([&] { return plan_add(graph, key, frames); }, limits, err);
}

spdl_status spdl_filter_graph_add_frames_submit(spdl_queue *queue, uint64_t tag,
                                                const spdl_filter_graph *graph, const char *key,
                                                const spdl_frames *frames,
                                                const spdl_limits *limits,
                                                spdl_error *err) noexcept {
  return submit_action(queue, tag, [&] { return plan_add(graph, key, frames); }, limits, err);
}

spdl_status spdl_filter_graph_get_frames(const spdl_filter_graph *graph, const char *key,
                                         const spdl_limits *limits, spdl_frames **out_frames,
                                         spdl_error *err) noexcept {
  return run([&] { return plan_get(graph, key); }, limits, out_frames, err);
}

spdl_status spdl_filter_graph_get_frames_submit(spdl_queue *queue, uint64_t tag,
                                                const spdl_filter_graph *graph, const char *key,
                                                const spdl_limits *limits,
                                                spdl_error *err) noexcept {
  return submit<spdl_frames>(queue, tag, [&] { return plan_get(graph, key); }, limits, err);
}

spdl_status spdl_filter_graph_flush(const spdl_filter_graph *graph, const spdl_limits *limits,
                                    spdl_error *err) noexcept {
  return run_action([&] { return plan_flush(graph); }, limits, err);
}

spdl_status spdl_filter_graph_flush_submit(spdl_queue *queue, uint64_t tag,
                                           const spdl_filter_graph *graph,
                                           const spdl_limits *limits, spdl_error *err) noexcept {
  return submit_action(queue, tag, [&] { return plan_flush(graph); }, limits, err);
}

void spdl_filter_graph_free(spdl_filter_graph *graph) noexcept { delete graph; }
