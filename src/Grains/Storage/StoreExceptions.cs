namespace MlTr.Grains.Storage;

/// <summary>The store cannot be opened; the message is one line that says what to do.</summary>
internal sealed class StoreStartupException(string message, Exception? cause = null) : Exception(message, cause);

/// <summary>
/// The database could not be read or written just now; nothing of the write was kept. The message is one line: file, cause, what to do.
/// The store itself goes on, so the same call may work once the cause is gone.
/// </summary>
internal sealed class StoreUnavailableException(string message, Exception? cause = null) : Exception(message, cause);
