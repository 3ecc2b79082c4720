// SPDX-License-Identifier: BSD-2-Clause
#include "ffmpeg/filter_cache.h"

#include <algorithm>
#include <array>
#include <deque>
#include <mutex>

#include "base/process.h"

namespace spdl::ffmpeg {
namespace {

constexpr std::array<std::string_view, 7> stateless_filters = {"scale", "pad",   "crop", "format",
                                                               "hflip", "vflip", "null"};
// Arguments whose value is a word, not an expression.
constexpr std::array<std::string_view, 6> word_arguments = {
    "flags", "force_original_aspect_ratio", "color", "pix_fmts", "in_range", "out_range"};

constexpr size_t capacity = 64;
// A graph keeps the memory of as many frames as were in use at a time. So only graphs for small
// pictures are kept, for which making one counts, and not for ever.
constexpr int64_t max_pixels = int64_t{1} << 20;
constexpr int max_uses = 64;

struct Cache {
  std::mutex mutex;
  std::deque<std::unique_ptr<FilterChain>> graphs;  // the latest in front
};
PerProcess<Cache> cache;

bool contains(auto &&list, std::string_view item) {
  return std::find(list.begin(), list.end(), item) != list.end();
}

bool is_number(std::string_view text) {
  if (!text.empty() && text.front() == '-') text.remove_prefix(1);
  return !text.empty() &&
         std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

// Cuts off the text up to the separator.
std::string_view next_part(std::string_view &rest, char separator) {
  const size_t end = std::min(rest.find(separator), rest.size());
  const std::string_view part = rest.substr(0, end);
  rest.remove_prefix(std::min(end + 1, rest.size()));
  return part;
}

bool is_stateless_argument(std::string_view argument) {
  const size_t equals = argument.find('=');
  if (equals == std::string_view::npos) return is_number(argument);
  return contains(word_arguments, argument.substr(0, equals)) ||
         is_number(argument.substr(equals + 1));
}

bool is_stateless_filter(std::string_view filter) {
  if (!contains(stateless_filters, next_part(filter, '='))) return false;
  while (!filter.empty())
    if (!is_stateless_argument(next_part(filter, ':'))) return false;
  return true;
}

}  // namespace

bool is_stateless(std::string_view desc) {
  // Quotes and escapes may hide separators, brackets name further inputs.
  if (desc.empty() || desc.find_first_of("'\\[]; \t\n") != std::string_view::npos) return false;
  while (!desc.empty())
    if (!is_stateless_filter(next_part(desc, ','))) return false;
  return true;
}

Result<std::unique_ptr<FilterChain>> take_graph(const FilterInput &input, const AVFrame &frame,
                                                const Limits &limits) {
  Cache &kept = cache.get();
  {
    std::lock_guard lock(kept.mutex);
    const auto found = std::find_if(kept.graphs.begin(), kept.graphs.end(),
                                    [&](const auto &graph) { return graph->input() == input; });
    if (found != kept.graphs.end()) {
      auto graph = std::move(*found);
      kept.graphs.erase(found);
      return graph;
    }
  }
  return FilterChain::open(input, frame, limits);
}

void return_graph(std::unique_ptr<FilterChain> graph) {
  if (graph->num_pixels() > max_pixels || graph->count_use() >= max_uses) return;
  Cache &kept = cache.get();
  std::unique_ptr<FilterChain> oldest;  // ends outside the lock
  std::lock_guard lock(kept.mutex);
  kept.graphs.push_front(std::move(graph));
  if (kept.graphs.size() <= capacity) return;
  oldest = std::move(kept.graphs.back());
  kept.graphs.pop_back();
}

}  // namespace spdl::ffmpeg
