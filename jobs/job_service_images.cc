// What callers ask of images. The disk is looked at on a thread of its own, what is in an image is
// a keeper's to read.

#include <memory>
#include <utility>

#include "jobs/image_lister.hh"
#include "jobs/job_service.hh"

namespace slipway::jobs {

template <typename Found>
void JobService::look_up(std::function<Found()> look, std::function<void(Found)> answer,
                         Refused refused) {
    lister_.add([this, alive = alive_, look = std::move(look), answer = std::move(answer),
                 refused = std::move(refused)] {
        const auto found = std::make_shared<std::optional<Found>>();
        std::exception_ptr error;
        try {
            found->emplace(look());
        } catch (const std::exception&) {
            error = std::current_exception();
        }
        loop_.post([alive, found, error, answer, refused] {
            if (*alive && error) {
                refused({error});
            } else if (*alive) {
                answer(std::move(**found));
            }
        });
    });
}

void JobService::list_images(const std::string& image_class,
                             std::function<void(std::vector<ListedImage>)> answer,
                             Refused refused) {
    look_up<std::vector<ListedImage>>(
        [pools = pools_of(image_class)] { return find_images(pools); }, std::move(answer),
        std::move(refused));
}

void JobService::find_image(const std::string& image_class, const storage::ImageName& name,
                            std::function<void(std::optional<ImageView>)> answer, Refused refused) {
    look_up<std::optional<ImageView>>([image_class, pool = config_.pools.at(image_class),
                                       name] { return find_view(image_class, pool, name); },
                                      std::move(answer), std::move(refused));
}

void JobService::find_pool(const std::string& image_class,
                           std::function<void(const PoolView&)> answer, Refused refused) {
    look_up<PoolView>([pool = config_.pools.at(image_class)] { return view_pool(pool); },
                      std::move(answer), std::move(refused));
}

void JobService::inspect(const std::string& image_class, const storage::ImageName& name,
                         std::function<void(const transfer::Inspected&)> answer, Refused refused) {
    transfer::Request request;
    request.verb = transfer::Verb::Inspect;
    request.verify = "no";
    request.pool = config_.pools.at(image_class);
    request.image_class = storage::find_class(image_class).value_or(storage::ImageClass::Machine);
    request.search = storage::search_path(request.image_class, request.pool);
    request.name = name.text();
    inspector_.ask(
        std::move(request), std::move(answer),
        [refused = std::move(refused)](const std::exception_ptr& error) { refused({error}); });
}

std::map<std::string, std::filesystem::path>
JobService::pools_of(const std::string& image_class) const {
    if (image_class.empty()) {
        return config_.pools;
    }
    return {{image_class, config_.pools.at(image_class)}};
}

} // namespace slipway::jobs
