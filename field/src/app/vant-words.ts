/** Vant's own words (buttons of dialogs, pickers) in the language of the app. */
import { Locale } from "vant";
import enUS from "vant/es/locale/lang/en-US";
import zhCN from "vant/es/locale/lang/zh-CN";
import zhTW from "vant/es/locale/lang/zh-TW";
import { watch, type Ref } from "vue";

export function useVantWords(locale: Ref<string>): void {
  watch(locale, (code) => {
    if (code === "en") Locale.use("en-US", enUS);
    else if (code === "zh-Hant") Locale.use("zh-TW", zhTW);
    else Locale.use("zh-CN", zhCN);
  }, { immediate: true });
}
