#include "console_page.h"
// #embed is C23; older language modes have it as an extension.
#pragma clang diagnostic ignored "-Wc23-extensions"

#define TEXT(name) static const unsigned char name[] =

TEXT(index_html) {
#embed "page/index.html"
};
TEXT(docs_index_html) {
#embed "page/docs/index.html"
};
TEXT(docs_docs_css) {
#embed "page/docs/docs.css"
};
TEXT(docs_docs_js) {
#embed "page/docs/docs.js"
};
TEXT(favicon_svg) {
#embed "page/favicon.svg"
};
TEXT(base_css) {
#embed "page/base.css"
};
TEXT(layout_css) {
#embed "page/layout.css"
};
TEXT(uploads_css) {
#embed "page/uploads.css"
};
TEXT(gallery_css) {
#embed "page/gallery.css"
};
TEXT(detail_css) {
#embed "page/detail.css"
};
TEXT(api_js) {
#embed "page/api.js"
};
TEXT(app_js) {
#embed "page/app.js"
};
TEXT(card_js) {
#embed "page/card.js"
};
TEXT(card_list_js) {
#embed "page/card-list.js"
};
TEXT(confirm_js) {
#embed "page/confirm.js"
};
TEXT(detail_js) {
#embed "page/detail.js"
};
TEXT(dom_js) {
#embed "page/dom.js"
};
TEXT(dropped_js) {
#embed "page/dropped.js"
};
TEXT(edit_js) {
#embed "page/edit.js"
};
TEXT(failure_js) {
#embed "page/failure.js"
};
TEXT(gallery_js) {
#embed "page/gallery.js"
};
TEXT(gallery_filter_js) {
#embed "page/gallery-filter.js"
};
TEXT(intake_js) {
#embed "page/intake.js"
};
TEXT(language_js) {
#embed "page/language.js"
};
TEXT(listing_js) {
#embed "page/listing.js"
};
TEXT(live_js) {
#embed "page/live.js"
};
TEXT(messages_js) {
#embed "page/messages.js"
};
TEXT(news_js) {
#embed "page/news.js"
};
TEXT(notices_js) {
#embed "page/notices.js"
};
TEXT(picture_js) {
#embed "page/picture.js"
};
TEXT(questions_js) {
#embed "page/questions.js"
};
TEXT(renditions_js) {
#embed "page/renditions.js"
};
TEXT(resumable_js) {
#embed "page/resumable.js"
};
TEXT(roving_js) {
#embed "page/roving.js"
};
TEXT(session_js) {
#embed "page/session.js"
};
TEXT(stream_js) {
#embed "page/stream.js"
};
TEXT(stream_seat_js) {
#embed "page/stream-seat.js"
};
TEXT(thumbhash_js) {
#embed "page/thumbhash.js"
};
TEXT(upload_list_js) {
#embed "page/upload-list.js"
};
TEXT(upload_queue_js) {
#embed "page/upload-queue.js"
};
TEXT(views_js) {
#embed "page/views.js"
};
TEXT(storage_bucket_settings_js) {
#embed "page/storage/bucket-settings.js"
};
TEXT(storage_buckets_js) {
#embed "page/storage/buckets.js"
};
TEXT(storage_cors_js) {
#embed "page/storage/cors.js"
};
TEXT(storage_dialog_js) {
#embed "page/storage/dialog.js"
};
TEXT(storage_document_editor_js) {
#embed "page/storage/document-editor.js"
};
TEXT(storage_elements_js) {
#embed "page/storage/elements.js"
};
TEXT(storage_form_js) {
#embed "page/storage/form.js"
};
TEXT(storage_forms_css) {
#embed "page/storage/forms.css"
};
TEXT(storage_keys_js) {
#embed "page/storage/keys.js"
};
TEXT(storage_lifecycle_js) {
#embed "page/storage/lifecycle.js"
};
TEXT(storage_link_js) {
#embed "page/storage/link.js"
};
TEXT(storage_messages_js) {
#embed "page/storage/messages.js"
};
TEXT(storage_object_js) {
#embed "page/storage/object.js"
};
TEXT(storage_objects_js) {
#embed "page/storage/objects.js"
};
TEXT(storage_pairs_js) {
#embed "page/storage/pairs.js"
};
TEXT(storage_paths_js) {
#embed "page/storage/paths.js"
};
TEXT(storage_policy_js) {
#embed "page/storage/policy.js"
};
TEXT(storage_public_access_js) {
#embed "page/storage/public-access.js"
};
TEXT(storage_storage_css) {
#embed "page/storage/storage.css"
};
TEXT(storage_storage_js) {
#embed "page/storage/storage.js"
};
TEXT(storage_transfer_list_js) {
#embed "page/storage/transfer-list.js"
};
TEXT(storage_transfer_queue_js) {
#embed "page/storage/transfer-queue.js"
};
TEXT(storage_transfer_js) {
#embed "page/storage/transfer.js"
};
TEXT(storage_versions_js) {
#embed "page/storage/versions.js"
};
TEXT(market_account_js) {
#embed "page/market/account.js"
};
TEXT(market_ad_gallery_js) {
#embed "page/market/ad-gallery.js"
};
TEXT(market_ad_css) {
#embed "page/market/ad.css"
};
TEXT(market_ad_js) {
#embed "page/market/ad.js"
};
TEXT(market_add_card_js) {
#embed "page/market/add-card.js"
};
TEXT(market_app_js) {
#embed "page/market/app.js"
};
TEXT(market_buy_js) {
#embed "page/market/buy.js"
};
TEXT(market_cards_css) {
#embed "page/market/cards.css"
};
TEXT(market_categories_js) {
#embed "page/market/categories.js"
};
TEXT(market_editor_js) {
#embed "page/market/editor.js"
};
TEXT(market_favourite_js) {
#embed "page/market/favourite.js"
};
TEXT(market_feed_js) {
#embed "page/market/feed.js"
};
TEXT(market_fields_js) {
#embed "page/market/fields.js"
};
TEXT(market_filters_js) {
#embed "page/market/filters.js"
};
TEXT(market_follow_js) {
#embed "page/market/follow.js"
};
TEXT(market_forms_css) {
#embed "page/market/forms.css"
};
TEXT(market_index_html) {
#embed "page/market/index.html"
};
TEXT(market_market_css) {
#embed "page/market/market.css"
};
TEXT(market_keys_js) {
#embed "page/market/keys.js"
};
TEXT(market_me_js) {
#embed "page/market/me.js"
};
TEXT(market_messages_en_js) {
#embed "page/market/messages-en.js"
};
TEXT(market_messages_es_js) {
#embed "page/market/messages-es.js"
};
TEXT(market_mine_js) {
#embed "page/market/mine.js"
};
TEXT(market_order_js) {
#embed "page/market/order.js"
};
TEXT(market_orders_js) {
#embed "page/market/orders.js"
};
TEXT(market_owner_tools_js) {
#embed "page/market/owner-tools.js"
};
TEXT(market_parts_js) {
#embed "page/market/parts.js"
};
TEXT(market_people_css) {
#embed "page/market/people.css"
};
TEXT(market_photo_strip_js) {
#embed "page/market/photo-strip.js"
};
TEXT(market_photo_js) {
#embed "page/market/photo.js"
};
TEXT(market_profile_js) {
#embed "page/market/profile.js"
};
TEXT(market_report_js) {
#embed "page/market/report.js"
};
TEXT(market_router_js) {
#embed "page/market/router.js"
};
TEXT(market_saved_js) {
#embed "page/market/saved.js"
};
TEXT(market_second_factor_js) {
#embed "page/market/second-factor.js"
};
TEXT(market_seller_js) {
#embed "page/market/seller.js"
};
TEXT(market_server_js) {
#embed "page/market/server.js"
};
TEXT(market_sign_in_js) {
#embed "page/market/sign-in.js"
};
TEXT(market_variants_js) {
#embed "page/market/variants.js"
};
TEXT(market_words_js) {
#embed "page/market/words.js"
};

#define CSS "text/css; charset=utf-8"
#define JS "text/javascript; charset=utf-8"

const struct console_page_file console_page_files[] = {
    {"/", "text/html; charset=utf-8", index_html, sizeof index_html},
    {"/api/docs/", "text/html; charset=utf-8", docs_index_html, sizeof docs_index_html},
    {"/console/docs/docs.css", CSS, docs_docs_css, sizeof docs_docs_css},
    {"/console/docs/docs.js", JS, docs_docs_js, sizeof docs_docs_js},
    {"/favicon.svg", "image/svg+xml", favicon_svg, sizeof favicon_svg},
    {"/console/base.css", CSS, base_css, sizeof base_css},
    {"/console/layout.css", CSS, layout_css, sizeof layout_css},
    {"/console/uploads.css", CSS, uploads_css, sizeof uploads_css},
    {"/console/gallery.css", CSS, gallery_css, sizeof gallery_css},
    {"/console/detail.css", CSS, detail_css, sizeof detail_css},
    {"/console/api.js", JS, api_js, sizeof api_js},
    {"/console/app.js", JS, app_js, sizeof app_js},
    {"/console/card.js", JS, card_js, sizeof card_js},
    {"/console/card-list.js", JS, card_list_js, sizeof card_list_js},
    {"/console/confirm.js", JS, confirm_js, sizeof confirm_js},
    {"/console/detail.js", JS, detail_js, sizeof detail_js},
    {"/console/dom.js", JS, dom_js, sizeof dom_js},
    {"/console/dropped.js", JS, dropped_js, sizeof dropped_js},
    {"/console/edit.js", JS, edit_js, sizeof edit_js},
    {"/console/failure.js", JS, failure_js, sizeof failure_js},
    {"/console/gallery.js", JS, gallery_js, sizeof gallery_js},
    {"/console/gallery-filter.js", JS, gallery_filter_js, sizeof gallery_filter_js},
    {"/console/intake.js", JS, intake_js, sizeof intake_js},
    {"/console/language.js", JS, language_js, sizeof language_js},
    {"/console/listing.js", JS, listing_js, sizeof listing_js},
    {"/console/live.js", JS, live_js, sizeof live_js},
    {"/console/messages.js", JS, messages_js, sizeof messages_js},
    {"/console/news.js", JS, news_js, sizeof news_js},
    {"/console/notices.js", JS, notices_js, sizeof notices_js},
    {"/console/picture.js", JS, picture_js, sizeof picture_js},
    {"/console/questions.js", JS, questions_js, sizeof questions_js},
    {"/console/renditions.js", JS, renditions_js, sizeof renditions_js},
    {"/console/resumable.js", JS, resumable_js, sizeof resumable_js},
    {"/console/roving.js", JS, roving_js, sizeof roving_js},
    {"/console/session.js", JS, session_js, sizeof session_js},
    {"/console/stream.js", JS, stream_js, sizeof stream_js},
    {"/console/stream-seat.js", JS, stream_seat_js, sizeof stream_seat_js},
    {"/console/thumbhash.js", JS, thumbhash_js, sizeof thumbhash_js},
    {"/console/upload-list.js", JS, upload_list_js, sizeof upload_list_js},
    {"/console/upload-queue.js", JS, upload_queue_js, sizeof upload_queue_js},
    {"/console/views.js", JS, views_js, sizeof views_js},
    {"/console/storage/bucket-settings.js", JS, storage_bucket_settings_js, sizeof storage_bucket_settings_js},
    {"/console/storage/buckets.js", JS, storage_buckets_js, sizeof storage_buckets_js},
    {"/console/storage/cors.js", JS, storage_cors_js, sizeof storage_cors_js},
    {"/console/storage/dialog.js", JS, storage_dialog_js, sizeof storage_dialog_js},
    {"/console/storage/document-editor.js", JS, storage_document_editor_js, sizeof storage_document_editor_js},
    {"/console/storage/elements.js", JS, storage_elements_js, sizeof storage_elements_js},
    {"/console/storage/form.js", JS, storage_form_js, sizeof storage_form_js},
    {"/console/storage/forms.css", CSS, storage_forms_css, sizeof storage_forms_css},
    {"/console/storage/keys.js", JS, storage_keys_js, sizeof storage_keys_js},
    {"/console/storage/lifecycle.js", JS, storage_lifecycle_js, sizeof storage_lifecycle_js},
    {"/console/storage/link.js", JS, storage_link_js, sizeof storage_link_js},
    {"/console/storage/messages.js", JS, storage_messages_js, sizeof storage_messages_js},
    {"/console/storage/object.js", JS, storage_object_js, sizeof storage_object_js},
    {"/console/storage/objects.js", JS, storage_objects_js, sizeof storage_objects_js},
    {"/console/storage/pairs.js", JS, storage_pairs_js, sizeof storage_pairs_js},
    {"/console/storage/paths.js", JS, storage_paths_js, sizeof storage_paths_js},
    {"/console/storage/policy.js", JS, storage_policy_js, sizeof storage_policy_js},
    {"/console/storage/public-access.js", JS, storage_public_access_js, sizeof storage_public_access_js},
    {"/console/storage/storage.css", CSS, storage_storage_css, sizeof storage_storage_css},
    {"/console/storage/storage.js", JS, storage_storage_js, sizeof storage_storage_js},
    {"/console/storage/transfer-list.js", JS, storage_transfer_list_js, sizeof storage_transfer_list_js},
    {"/console/storage/transfer-queue.js", JS, storage_transfer_queue_js, sizeof storage_transfer_queue_js},
    {"/console/storage/transfer.js", JS, storage_transfer_js, sizeof storage_transfer_js},
    {"/console/storage/versions.js", JS, storage_versions_js, sizeof storage_versions_js},
    {"/console/market/account.js", JS, market_account_js, sizeof market_account_js},
    {"/console/market/ad-gallery.js", JS, market_ad_gallery_js, sizeof market_ad_gallery_js},
    {"/console/market/ad.css", CSS, market_ad_css, sizeof market_ad_css},
    {"/console/market/ad.js", JS, market_ad_js, sizeof market_ad_js},
    {"/console/market/add-card.js", JS, market_add_card_js, sizeof market_add_card_js},
    {"/console/market/app.js", JS, market_app_js, sizeof market_app_js},
    {"/console/market/buy.js", JS, market_buy_js, sizeof market_buy_js},
    {"/console/market/cards.css", CSS, market_cards_css, sizeof market_cards_css},
    {"/console/market/categories.js", JS, market_categories_js, sizeof market_categories_js},
    {"/console/market/editor.js", JS, market_editor_js, sizeof market_editor_js},
    {"/console/market/favourite.js", JS, market_favourite_js, sizeof market_favourite_js},
    {"/console/market/feed.js", JS, market_feed_js, sizeof market_feed_js},
    {"/console/market/fields.js", JS, market_fields_js, sizeof market_fields_js},
    {"/console/market/filters.js", JS, market_filters_js, sizeof market_filters_js},
    {"/console/market/follow.js", JS, market_follow_js, sizeof market_follow_js},
    {"/console/market/forms.css", CSS, market_forms_css, sizeof market_forms_css},
    {"/market/", "text/html; charset=utf-8", market_index_html, sizeof market_index_html},
    {"/console/market/market.css", CSS, market_market_css, sizeof market_market_css},
    {"/console/market/keys.js", JS, market_keys_js, sizeof market_keys_js},
    {"/console/market/me.js", JS, market_me_js, sizeof market_me_js},
    {"/console/market/messages-en.js", JS, market_messages_en_js, sizeof market_messages_en_js},
    {"/console/market/messages-es.js", JS, market_messages_es_js, sizeof market_messages_es_js},
    {"/console/market/mine.js", JS, market_mine_js, sizeof market_mine_js},
    {"/console/market/order.js", JS, market_order_js, sizeof market_order_js},
    {"/console/market/orders.js", JS, market_orders_js, sizeof market_orders_js},
    {"/console/market/owner-tools.js", JS, market_owner_tools_js, sizeof market_owner_tools_js},
    {"/console/market/parts.js", JS, market_parts_js, sizeof market_parts_js},
    {"/console/market/people.css", CSS, market_people_css, sizeof market_people_css},
    {"/console/market/photo-strip.js", JS, market_photo_strip_js, sizeof market_photo_strip_js},
    {"/console/market/photo.js", JS, market_photo_js, sizeof market_photo_js},
    {"/console/market/profile.js", JS, market_profile_js, sizeof market_profile_js},
    {"/console/market/report.js", JS, market_report_js, sizeof market_report_js},
    {"/console/market/router.js", JS, market_router_js, sizeof market_router_js},
    {"/console/market/saved.js", JS, market_saved_js, sizeof market_saved_js},
    {"/console/market/second-factor.js", JS, market_second_factor_js, sizeof market_second_factor_js},
    {"/console/market/seller.js", JS, market_seller_js, sizeof market_seller_js},
    {"/console/market/server.js", JS, market_server_js, sizeof market_server_js},
    {"/console/market/sign-in.js", JS, market_sign_in_js, sizeof market_sign_in_js},
    {"/console/market/variants.js", JS, market_variants_js, sizeof market_variants_js},
    {"/console/market/words.js", JS, market_words_js, sizeof market_words_js},
};
const size_t console_page_file_count = sizeof console_page_files / sizeof console_page_files[0];

const struct console_page_file *console_page_file_at(size_t index) {
    return &console_page_files[index];
}
