// A load test of the service by k6: four users who ask one after the other, 200 questions together.
import http from 'k6/http';

export const options = { vus: 4, iterations: 200 };

export default function () {
  http.get(`${__ENV.SERVICE || 'http://127.0.0.1:8081'}/predict`);
}
