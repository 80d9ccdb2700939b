namespace MlTr.Silo.Hosting;

/// <summary>Ends the platform from within, with the one line that it ends with.</summary>
internal sealed class PlatformFailure(IHostApplicationLifetime lifetime)
{
    private volatile string? _message;

    /// <summary>Null as long as all is well.</summary>
    public string? Message => _message;

    public void Report(string message)
    {
        _message ??= message;
        lifetime.StopApplication();
    }
}
