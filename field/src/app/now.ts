/** The corrected time as a ref, in milliseconds, once a second while somebody looks. */
import { onScopeDispose, ref, type Ref } from "vue";
import { corrected } from "@/api/clock";

export function useNow(everyMs = 1000): Ref<number> {
  const now = ref(corrected().getTime());
  const timer = setInterval(() => (now.value = corrected().getTime()), everyMs);
  onScopeDispose(() => clearInterval(timer));
  return now;
}
