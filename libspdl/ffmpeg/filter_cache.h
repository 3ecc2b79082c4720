// SPDX-License-Identifier: BSD-2-Clause
// Filter graphs that are used again: making one costs as much as filtering a small picture.
#pragma once

#include <memory>
#include <string_view>

#include "ffmpeg/filter.h"

namespace spdl::ffmpeg {

// Whether each frame leaves such a chain as if it were the only one: it holds nothing but scale,
// pad, crop, flips and format, with numbers for sizes (expressions may count frames).
bool is_stateless(std::string_view desc);

// A graph for this input, out of the cache or new.
Result<std::unique_ptr<FilterChain>> take_graph(const FilterInput &input, const AVFrame &frame,
                                                const Limits &limits);

// For the next one. Only for a stateless graph that has worked without error and is empty.
void return_graph(std::unique_ptr<FilterChain> graph);

}  // namespace spdl::ffmpeg
