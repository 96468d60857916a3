// Reports that wait on this device until they can be sent. Each has the text that makes it one however often it is sent.

export interface Kept {
  once: string;
  action: string;
  fields: [string, string][];
  kept: string;
}

const [NAME, STORE] = ["teisen", "outbox"];

function opened(): Promise<IDBDatabase> {
  return new Promise((resolve, reject) => {
    const request = indexedDB.open(NAME, 1);
    request.onupgradeneeded = () => request.result.createObjectStore(STORE, { keyPath: "once" });
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}

async function within<T>(mode: IDBTransactionMode, what: (store: IDBObjectStore) => IDBRequest<T>): Promise<T> {
  const database = await opened();
  try {
    return await new Promise((resolve, reject) => {
      const transaction = database.transaction(STORE, mode, { durability: "strict" });
      const request = what(transaction.objectStore(STORE));
      transaction.oncomplete = () => resolve(request.result);
      transaction.onabort = () => reject(transaction.error);
    });
  } finally {
    database.close();
  }
}

export const keep = (one: Kept) => within("readwrite", (store) => store.put(one));
export const drop = (once: string) => within("readwrite", (store) => store.delete(once));
export const waiting = () => within<Kept[]>("readonly", (store) => store.getAll() as IDBRequest<Kept[]>);
