// SPDX-License-Identifier: BSD-2-Clause
#include "ffmpeg/filter_picture.h"

#include "base/trace.h"
#include "ffmpeg/filter_cache.h"

namespace spdl::ffmpeg {

Result<TimedPicture> filter_picture(TimedPicture picture, const std::string &desc,
                                    const Codec &codec, int64_t end_pts, const Limits &limits,
                                    const std::string &source) {
  const trace::Stage stage("filter");
  AVFrame &frame = *picture.frame;
  const FilterInput input(desc, frame, codec, picture.time_base);
  const bool is_reusable = is_stateless(desc);
  SPDL_TRY_ASSIGN(auto graph, with_source(is_reusable ? take_graph(input, frame, limits)
                                                      : FilterChain::open(input, frame, limits),
                                          source));
  SPDL_TRY(graph->check_sizes(limits, source));
  SPDL_TRY(with_source(graph->push(std::move(picture.frame), limits), source));
  SPDL_TRY_ASSIGN(picture.frame, with_source(graph->pull(limits), source));
  if (!picture.frame) {
    SPDL_TRY(with_source(graph->end(end_pts, limits), source));
    SPDL_TRY_ASSIGN(picture.frame, with_source(graph->pull(limits), source));
  }
  if (!picture.frame)
    return Error{Status::filter, Origin::filter,
                 "The filter makes no picture of a single one: " + desc + " for " + source};
  picture.time_base = graph->time_base();
  if (is_reusable) return_graph(std::move(graph));
  return picture;
}

}  // namespace spdl::ffmpeg
