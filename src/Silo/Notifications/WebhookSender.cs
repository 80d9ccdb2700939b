using System.Globalization;
using System.Net.Http.Headers;
using System.Text.Encodings.Web;
using System.Text.Json;
using MlTr.Grains.Notifications;
using MlTr.Grains.Storage;

namespace MlTr.Silo.Notifications;

/// <summary>
/// Posts what sweeps leave in the outbox, until the receiver answers with success or has failed often enough. When it is due again is written before each
/// attempt, so a notice that a crash cut off is sent again after the next start: at least once, and each time under the same delivery id.
/// </summary>
internal sealed partial class WebhookSender(
    IExperimentStore store, WebhookQueue queue, WebhookOptions options, WebhookLinks links, HttpClient http, TimeProvider clock, ILogger<WebhookSender> logger) : BackgroundService
{
    private const string Kind = "webhook-failed", By = "webhook";

    /// <summary>How soon a notice is seen that another control process was told of.</summary>
    private static readonly TimeSpan Look = TimeSpan.FromSeconds(15);

    private static readonly JsonSerializerOptions Json = new() { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            var next = Look;
            try
            {
                next = await SendDueAsync(stoppingToken);
            }
            catch (Exception error) when (!stoppingToken.IsCancellationRequested)
            {
                LogFailed(error); // the store may be away for a moment; what waits is still there
            }

            await queue.WaitAsync(next, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <returns>How long until something else is due.</returns>
    private async Task<TimeSpan> SendDueAsync(CancellationToken stoppingToken)
    {
        foreach (var delivery in await store.ListDeliveriesAsync(stoppingToken))
        {
            if (delivery.NextAt <= clock.GetUtcNow())
            {
                await TryOneAsync(delivery, stoppingToken);
            }
        }

        var left = (await store.ListDeliveriesAsync(stoppingToken)).Select(delivery => delivery.NextAt - clock.GetUtcNow()).DefaultIfEmpty(Look).Min();
        return left < TimeSpan.Zero ? TimeSpan.Zero : left < Look ? left : Look;
    }

    private async Task TryOneAsync(DeliveryRow delivery, CancellationToken stoppingToken)
    {
        var number = delivery.Attempts + 1;
        try
        {
            var delay = options.DelayAfter(number);
            var taken = delivery with { NextAt = clock.GetUtcNow() + delay };
            await store.SaveDeliveryAsync(taken, stoppingToken);
            taken = taken with { Attempts = number };
            var failure = await PostAsync(delivery.Notice, stoppingToken);
            var isOver = failure is null || number >= options.MaxAttempts;
            await store.EndDeliveryAsync(taken, failure is null ? null : Failed(delivery.Notice, number, failure, isOver ? null : delay), isOver, stoppingToken);
        }
        catch (StaleVersionException)
        {
            // another control process sends this one, or its sweep is gone
        }
    }

    /// <returns>What failed; null if it arrived.</returns>
    private async Task<string?> PostAsync(Notice notice, CancellationToken stoppingToken)
    {
        var body = JsonSerializer.SerializeToUtf8Bytes(
            new
            {
                notice.Id,
                notice.Event,
                notice.Time,
                Sweep = new { Id = notice.SweepId, Name = notice.SweepName },
                notice.State,
                notice.Metric,
                Best = notice.BestTrial is { } number ? new { Trial = string.Create(CultureInfo.InvariantCulture, $"{notice.SweepId}/{number}"), notice.Value } : null,
                Link = links.Of(notice.SweepId),
            },
            Json);
        var timestamp = clock.GetUtcNow().ToUnixTimeSeconds();
        using var request = new HttpRequestMessage(HttpMethod.Post, options.Url) { Content = new ByteArrayContent(body) };
        request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        request.Headers.Add(WebhookSignature.Delivery, notice.Id);
        request.Headers.Add(WebhookSignature.Timestamp, timestamp.ToString(CultureInfo.InvariantCulture));
        request.Headers.Add(WebhookSignature.Header, WebhookSignature.Of(options.Secret, timestamp, body));
        try
        {
            using var answer = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, stoppingToken);
            return answer.IsSuccessStatusCode ? null : string.Create(CultureInfo.InvariantCulture, $"it answered {(int)answer.StatusCode} {answer.ReasonPhrase}");
        }
        catch (HttpRequestException error)
        {
            return error.Message.ReplaceLineEndings(" ");
        }
        catch (TaskCanceledException) when (!stoppingToken.IsCancellationRequested)
        {
            return "it did not answer in time";
        }
    }

    private NewEvent Failed(Notice notice, int number, string failure, TimeSpan? delay) => new(
        clock.GetUtcNow(),
        notice.SweepId,
        null,
        Kind,
        string.Create(CultureInfo.InvariantCulture, $"{notice.Event} could not be told, attempt {number} of {options.MaxAttempts}: {failure}; {(delay is { } wait ? $"tries again after {wait.TotalSeconds:0} s" : "given up")}"),
        By);

    [LoggerMessage(LogLevel.Warning, "The webhook's outbox could not be read or written; it is tried again")]
    private partial void LogFailed(Exception error);
}
