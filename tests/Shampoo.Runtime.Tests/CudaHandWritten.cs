namespace Shampoo.Runtime.Tests;

public sealed partial class HandWrittenShampoo
{
    private sealed class CudaBlocks : Blocks
    {
        private readonly CudaSweep before_start, before_products, norm_of_direction, update;

        public CudaBlocks(BlockSlice slice) : base(slice)
        {
            before_start = new(
                slice, "before_start",
                [gradient.Read(), state.grafting_second_moment.ReadWrite(), state.first_moment.ReadWrite(), parameters.ReadWrite()], []);
            before_products = new(
                slice, "before_products",
                [gradient.Read(), state.grafting_second_moment.ReadWrite(), state.first_moment.ReadWrite(), filtered_gradient.Write()],
                [grafting_direction_norm]);
            norm_of_direction = new(slice, "norm_of_direction", [direction.Read()], [direction_norm]);
            update = new(slice, "update", [direction.Read(), parameters.ReadWrite()], [grafting_direction_norm, direction_norm]);
        }

        public override void BeforeStart(in Numbers n) => before_start.Run(
        [
            n.grafting_beta2, n.one_minus_grafting_beta2, n.beta1, n.one_minus_beta1, n.bias_correction1, n.grafting_bias_correction,
            n.grafting_epsilon, n.weight_decay, n.minus_lr,
        ]);

        public override void BeforeProducts(in Numbers n) => before_products.Run(
        [
            n.grafting_beta2, n.one_minus_grafting_beta2, n.beta1, n.one_minus_beta1, n.bias_correction1, n.grafting_bias_correction, n.grafting_epsilon,
        ]);

        public override void DirectionNorm(in Numbers n) => norm_of_direction.Run([]);

        public override void Update(in Numbers n) => update.Run([n.norm_guard, n.weight_decay, n.minus_lr]);

        public const string Text = """
            extern "C" __global__ void before_start(const Arguments a)
            {
                const real grafting_beta2 = (real)a.numbers[0], one_minus_grafting_beta2 = (real)a.numbers[1];
                const real beta1 = (real)a.numbers[2], one_minus_beta1 = (real)a.numbers[3], bias_correction1 = (real)a.numbers[4];
                const real grafting_bias_correction = (real)a.numbers[5], grafting_epsilon = (real)a.numbers[6];
                const real weight_decay = (real)a.numbers[7], minus_lr = (real)a.numbers[8];
                const Gradient gradient_ = gradient_of(a);
                real* grafting_second_moment_ = (real*)a.arrays[0];
                real* first_moment_ = (real*)a.arrays[1];
                const Parameters parameters_ = parameters_of(a);
                for (long long i = first(a); i < last(a); i += stride())
                {
                    real gradient = gradient_[i], grafting_second_moment = grafting_second_moment_[i], first_moment = first_moment_[i], parameters = parameters_[i];

                    grafting_second_moment = grafting_beta2 * grafting_second_moment + one_minus_grafting_beta2 * (gradient * gradient);
                    grafting_second_moment_[i] = grafting_second_moment;

                    first_moment = beta1 * first_moment + one_minus_beta1 * gradient;
                    first_moment_[i] = first_moment;

                    real direction = first_moment / bias_correction1 / (sqrt(grafting_second_moment / grafting_bias_correction) + grafting_epsilon);
                    direction = direction + weight_decay * parameters;
                    parameters_[i] = parameters + minus_lr * direction;
                }
            }

            extern "C" __global__ void before_products(const Arguments a)
            {
                const real grafting_beta2 = (real)a.numbers[0], one_minus_grafting_beta2 = (real)a.numbers[1];
                const real beta1 = (real)a.numbers[2], one_minus_beta1 = (real)a.numbers[3], bias_correction1 = (real)a.numbers[4];
                const real grafting_bias_correction = (real)a.numbers[5], grafting_epsilon = (real)a.numbers[6];
                const Gradient gradient_ = gradient_of(a);
                real* grafting_second_moment_ = (real*)a.arrays[0];
                real* first_moment_ = (real*)a.arrays[1];
                real* filtered_gradient_ = (real*)a.arrays[2];
                double grafting_direction_squares = 0;
                for (long long i = first(a); i < last(a); i += stride())
                {
                    real gradient = gradient_[i], grafting_second_moment = grafting_second_moment_[i], first_moment = first_moment_[i];

                    grafting_second_moment = grafting_beta2 * grafting_second_moment + one_minus_grafting_beta2 * (gradient * gradient);
                    grafting_second_moment_[i] = grafting_second_moment;

                    first_moment = beta1 * first_moment + one_minus_beta1 * gradient;
                    first_moment_[i] = first_moment;

                    real filtered_gradient = first_moment / bias_correction1;
                    filtered_gradient_[i] = filtered_gradient;

                    real grafting_direction = filtered_gradient / (sqrt(grafting_second_moment / grafting_bias_correction) + grafting_epsilon);
                    grafting_direction_squares += square(grafting_direction);
                }
                add_squares(a, 0, grafting_direction_squares);
            }

            extern "C" __global__ void norm_of_direction(const Arguments a)
            {
                const real* direction_ = (const real*)a.arrays[0];
                double direction_squares = 0;
                for (long long i = first(a); i < last(a); i += stride())
                    direction_squares += square(direction_[i]);
                add_squares(a, 0, direction_squares);
            }

            extern "C" __global__ void update(const Arguments a)
            {
                const real scale = (real)(norm(a, 0) / (norm(a, 1) + a.numbers[0]));
                const real weight_decay = (real)a.numbers[1], minus_lr = (real)a.numbers[2];
                const real* direction_ = (const real*)a.arrays[0];
                const Parameters parameters_ = parameters_of(a);
                for (long long i = first(a); i < last(a); i += stride())
                {
                    real direction = direction_[i], parameters = parameters_[i];
                    direction = direction * scale;
                    direction = direction + weight_decay * parameters;
                    parameters_[i] = parameters + minus_lr * direction;
                }
            }
            """;
    }
}
