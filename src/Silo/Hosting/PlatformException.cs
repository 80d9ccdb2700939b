namespace MlTr.Silo.Hosting;

/// <summary>The platform cannot start or go on; the message is one line that says what to do.</summary>
internal sealed class PlatformException(string message, Exception? cause = null) : Exception(message, cause);
