/**
 * What the phone knows of its connection, for every view.
 *
 *   const sync = useSync()
 *   sync.online, sync.busy, sync.waiting (events, calls for help and pieces of recordings not yet
 *   sent), sync.troubled (conflict or refused, recordings too),
 *   sync.lastAt, sync.code (of the last failure), sync.offset (ms the own clock is off),
 *   sync.space ({used, free} in bytes or null), sync.packAt, sync.packCode
 */
import { reactive, readonly, type DeepReadonly } from "vue";

export interface SyncState {
  online: boolean;
  busy: boolean;
  waiting: number;
  troubled: number;
  lastAt: string | null;
  code: string;
  offset: number;
  space: { used: number; free: number } | null;
  packAt: string | null;
  packCode: string;
}

export const syncState = reactive<SyncState>({
  online: typeof navigator === "undefined" || navigator.onLine !== false,
  busy: false, waiting: 0, troubled: 0, lastAt: null, code: "", offset: 0, space: null,
  packAt: null, packCode: "",
});

export function useSync(): DeepReadonly<SyncState> {
  return readonly(syncState) as DeepReadonly<SyncState>;
}
