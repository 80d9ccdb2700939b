namespace MlTr.Silo.Notifications;

/// <summary>Who is told when a sweep ends: settings <c>Platform:Webhook</c>.</summary>
internal sealed class WebhookOptions
{
    /// <summary>Where notices are posted; nobody is told if it is empty.</summary>
    public string Url { get; set; } = "";

    /// <summary>The secret that signs them; the receiver knows it too.</summary>
    public string Secret { get; set; } = "";

    /// <summary>The dashboard's address for links, where it is not the one that this process listens on.</summary>
    public string Dashboard { get; set; } = "";

    /// <summary>How often a notice is tried at most.</summary>
    public int MaxAttempts { get; set; } = 10;

    /// <summary>The wait after the first failure; it doubles with each, up to an hour.</summary>
    public TimeSpan RetryDelay { get; set; } = TimeSpan.FromSeconds(10);

    public bool IsOn => Url.Length > 0;

    /// <summary>What is wrong, in one line, or null.</summary>
    public string? Check() => this switch
    {
        { IsOn: false } => null,
        _ when !Uri.TryCreate(Url, UriKind.Absolute, out var address) || address.Scheme is not ("http" or "https") =>
            "Platform:Webhook:Url is no address: give one such as https://ci.example/hooks/mltr, or leave it out.",
        { Secret.Length: < 16 } => "Platform:Webhook:Secret signs the notices: set one of at least 16 characters that the receiver knows too.",
        { MaxAttempts: < 1 or > 50 } => $"Platform:Webhook:MaxAttempts is {MaxAttempts}: use 1 to 50.",
        _ when RetryDelay <= TimeSpan.Zero => "Platform:Webhook:RetryDelay must be above zero, such as 00:00:10.",
        _ => null,
    };

    /// <summary>How long to wait after so many failures.</summary>
    public TimeSpan DelayAfter(int attempts) => TimeSpan.FromSeconds(Math.Min(3_600, RetryDelay.TotalSeconds * Math.Pow(2, attempts - 1)));
}
