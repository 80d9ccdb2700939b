using System.Collections.Immutable;
using Microsoft.EntityFrameworkCore;

namespace MlTr.Grains.Storage;

internal abstract partial class RelationalExperimentStore
{
    public Task<ImmutableArray<DeliveryRow>> ListDeliveriesAsync(CancellationToken cancellationToken = default) =>
        ReadAsync<ImmutableArray<DeliveryRow>>(
            reader => [.. reader.Context.Deliveries.AsNoTracking().OrderBy(row => row.NextAt).ThenBy(row => row.Id).AsEnumerable().Select(row => row.ToRow())], cancellationToken);

    public Task SaveDeliveryAsync(DeliveryRow delivery, CancellationToken cancellationToken = default) => WriteAsync(session =>
    {
        var row = Known(session.Context, delivery);
        (row.Attempts, row.NextAt) = (delivery.Attempts + 1, delivery.NextAt);
        Save(session.Context, $"Delivery {delivery.Notice.Id}");
    }, cancellationToken);

    public Task EndDeliveryAsync(DeliveryRow delivery, NewEvent? happened, bool isOver, CancellationToken cancellationToken = default) => WriteAsync(session =>
    {
        var row = Known(session.Context, delivery);
        if (isOver)
        {
            session.Context.Deliveries.Remove(row);
        }

        if (happened is not null)
        {
            session.Context.Events.Add(EventEntity.New(happened));
        }

        Save(session.Context, $"Delivery {delivery.Notice.Id}");
    }, cancellationToken);

    private static DeliveryEntity Known(StoreContext context, DeliveryRow delivery) =>
        context.Deliveries.Find(delivery.Notice.Id) is { } row && row.Attempts == delivery.Attempts ? row : throw new StaleVersionException($"Delivery {delivery.Notice.Id}");
}
